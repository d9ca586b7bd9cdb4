/* The published vocabularies as read-only bytes of the program (see published_vocabulary.cc).
   The paths come from CMakeLists.txt. */
    .section .rodata
    .balign 16
    .globl wt_tokenizer_gpt2_begin
    .hidden wt_tokenizer_gpt2_begin
wt_tokenizer_gpt2_begin:
    .incbin WT_GPT2_FILE
    .globl wt_tokenizer_gpt2_end
    .hidden wt_tokenizer_gpt2_end
wt_tokenizer_gpt2_end:
    .byte 0

    .balign 16
    .globl wt_tokenizer_multilingual_begin
    .hidden wt_tokenizer_multilingual_begin
wt_tokenizer_multilingual_begin:
    .incbin WT_MULTILINGUAL_FILE
    .globl wt_tokenizer_multilingual_end
    .hidden wt_tokenizer_multilingual_end
wt_tokenizer_multilingual_end:
    .byte 0

    /* The stack of a program with this object need not be executable. */
    .section .note.GNU-stack, "", %progbits
