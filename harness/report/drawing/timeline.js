// All is there without this: it only zooms in and centres the first anomaly when asked to jump to it.
const jump = document.getElementById("jump"), box = document.getElementById("sc");
if (jump && box) jump.onclick = (event) => {
  event.preventDefault();
  document.getElementById("z8").checked = true;
  const left = parseFloat(document.getElementById("first").style.left) / 100;
  setTimeout(() => box.scrollTo(left * box.scrollWidth - box.clientWidth / 2, 0), 300);
};
