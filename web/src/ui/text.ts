import { defineMessages } from '../i18n/messages';

export const uiText = defineMessages({
  en: {
    close: 'Close',
    keep: 'Cancel',
    notice: 'Notice',
    showPassword: 'Show password',
    hidePassword: 'Hide password',
    tryAgain: 'Try again',
    copyReport: 'Copy report',
    copy: 'Copy',
    copied: 'Copied',
    offlineCause: 'The server did not answer.',
    offlineNext: 'Check that it is running and that this device reaches it, then try again.',
    loading: 'Loading',
  },
  de: {
    close: 'Schließen',
    keep: 'Abbrechen',
    notice: 'Hinweis',
    showPassword: 'Passwort zeigen',
    hidePassword: 'Passwort verbergen',
    tryAgain: 'Erneut versuchen',
    copyReport: 'Bericht kopieren',
    copy: 'Kopieren',
    copied: 'Kopiert',
    offlineCause: 'Der Server hat nicht geantwortet.',
    offlineNext: 'Prüfen Sie, ob er läuft und von diesem Gerät erreichbar ist, und versuchen Sie es erneut.',
    loading: 'Wird geladen',
  },
});
