// Runs before the page is drawn, so that a chosen theme does not flash: the only script that is no module.
(() => {
  const theme = localStorage.getItem('pandaprobe.theme');
  if (theme === 'dark' || theme === 'light') document.documentElement.dataset.theme = theme;
})();
