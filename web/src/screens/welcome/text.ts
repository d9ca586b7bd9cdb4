import { defineMessages } from '../../i18n/messages';

export const welcomeText = defineMessages({
  en: {
    title: 'Ready to transcribe',
    lead: 'Two things to look at, then the first transcript.',
    server: 'The server',
    serverReady: 'Everything it needs is there.',
    serverNotReady: 'Something is missing: {names}.',
    models: 'Models',
    modelsHint: 'Larger ones make fewer mistakes and take longer.',
    first: 'First transcript',
    firstHint: 'A bundled recording of 34 seconds, or one of your own.',
    sample: 'Transcribe the sample',
    own: 'Choose a recording',
    failed: 'The sample could not be sent',
  },
  de: {
    title: 'Bereit zum Transkribieren',
    lead: 'Zwei Dinge ansehen, dann kommt das erste Transkript.',
    server: 'Der Server',
    serverReady: 'Alles Nötige ist da.',
    serverNotReady: 'Etwas fehlt: {names}.',
    models: 'Modelle',
    modelsHint: 'Größere machen weniger Fehler und brauchen länger.',
    first: 'Erstes Transkript',
    firstHint: 'Eine mitgelieferte Aufnahme von 34 Sekunden oder eine eigene.',
    sample: 'Beispiel transkribieren',
    own: 'Aufnahme wählen',
    failed: 'Das Beispiel konnte nicht gesendet werden',
  },
});
