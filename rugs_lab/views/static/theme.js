// Whether the page is dark: in JupyterLab, Notebook 7, VS Code, or by the system's wish.
export function isDark() {
  const { dataset, classList } = document.body;
  if (dataset.jpThemeLight !== undefined) return dataset.jpThemeLight === "false";
  if (classList.contains("vscode-dark") || classList.contains("vscode-high-contrast")) return true;
  return matchMedia("(prefers-color-scheme: dark)").matches && !classList.contains("vscode-light");
}
