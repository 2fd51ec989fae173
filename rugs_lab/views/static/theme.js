// Light or dark, and when that changes.
const ATTRIBUTES = ["class", "data-jp-theme-light", "data-jp-theme-name"];

// Whether the page is dark: in JupyterLab, Notebook 7, VS Code, or by the system's wish.
export function isDark() {
  const { dataset, classList } = document.body;
  if (dataset.jpThemeLight !== undefined) return dataset.jpThemeLight === "false";
  if (classList.contains("vscode-dark") || classList.contains("vscode-high-contrast")) return true;
  return matchMedia("(prefers-color-scheme: dark)").matches && !classList.contains("vscode-light");
}

// Call when the page may have changed its theme; returns what ends that.
export function onTheme(call) {
  const themes = new MutationObserver(call);
  themes.observe(document.body, { attributes: true, attributeFilter: ATTRIBUTES });
  return () => themes.disconnect();
}
