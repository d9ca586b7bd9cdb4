// Runs before the first paint, so that theme and direction are right from the first frame.
(function () {
  var root = document.documentElement;
  var theme = null;
  var locale = null;
  try {
    theme = localStorage.getItem('wt.theme');
    locale = localStorage.getItem('wt.locale');
  } catch (_) {
    // Storage may be forbidden; the system's choice is used then.
  }
  var dark = theme === 'dark' || (theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  root.dataset.theme = dark ? 'dark' : 'light';
  if (locale) root.lang = locale === 'pseudo' ? 'ar' : locale;
  if (locale === 'pseudo') root.dir = 'rtl';
})();
