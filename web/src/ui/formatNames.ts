// What formats of files are called, wherever one can be chosen.
import { defineMessages, say } from '../i18n/messages';

const names = defineMessages({
  en: {
    txt: 'Plain text',
    srt: 'Subtitles for most players (SRT)',
    vtt: 'Subtitles for the web (VTT)',
    tsv: 'Table with tabs (TSV)',
    csv: 'Table with commas (CSV)',
    json: 'Everything, for programs (JSON)',
    lrc: 'Lyrics (LRC)',
    md: 'Markdown',
    docx: 'Word document',
  },
  de: {
    txt: 'Reiner Text',
    srt: 'Untertitel für die meisten Player (SRT)',
    vtt: 'Untertitel fürs Web (VTT)',
    tsv: 'Tabelle mit Tabulatoren (TSV)',
    csv: 'Tabelle mit Kommas (CSV)',
    json: 'Alles, für Programme (JSON)',
    lrc: 'Liedtext (LRC)',
    md: 'Markdown',
    docx: 'Word-Dokument',
  },
});

/** In the reader's language; a format it does not know has the server's words. */
export function formatName(format: { readonly name: string; readonly description: string }): string {
  return format.name in names.en ? say(names, format.name as keyof typeof names.en) : format.description;
}
