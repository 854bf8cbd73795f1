"use strict";
(() => {
  // Looks at one document after another without leaving the page; the browser itself shows the PDF.
  const dialog = document.getElementById("preview");
  const buttons = [...document.querySelectorAll("button[data-preview]")];
  if (!dialog || !dialog.showModal || !navigator.pdfViewerEnabled) return;
  const frame = dialog.querySelector("iframe");
  const visible = () => buttons.filter((button) => !button.closest("tr").hidden);
  let current;

  function look(button) {
    current = button;
    frame.src = `${button.dataset.preview}#page=1&view=Fit&navpanes=0`;
    document.getElementById("preview-title").textContent = button.dataset.title;
    document.getElementById("preview-link").href = button.dataset.preview;
    const place = visible().indexOf(button);
    document.getElementById("preview-before").disabled = place <= 0;
    document.getElementById("preview-after").disabled = place === visible().length - 1;
  }

  const step = (by) => { const next = visible()[visible().indexOf(current) + by]; if (next) look(next); };
  for (const button of buttons) {
    button.hidden = false;
    button.addEventListener("click", () => { look(button); dialog.showModal(); });
  }
  document.getElementById("preview-before").addEventListener("click", () => step(-1));
  document.getElementById("preview-after").addEventListener("click", () => step(1));
  document.getElementById("preview-close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => { frame.removeAttribute("src"); current.focus(); });
})();
