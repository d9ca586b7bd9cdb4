// The bytes of the web app, as web/tools/pack.mjs joined them. WT_SITE_BIN is their file.
    .section .rodata
    .balign 16
    .global wt_web_site_bytes
    .hidden wt_web_site_bytes
wt_web_site_bytes:
    .incbin WT_SITE_BIN
    .byte 0
    .section .note.GNU-stack, "", %progbits
