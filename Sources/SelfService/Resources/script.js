"use strict";
(function () {
  const address = document.currentScript.dataset.assessment;
  const form = document.getElementById("reset");
  const password = document.getElementById("password");
  const again = document.getElementById("again");
  const advice = document.getElementById("advice");
  const strength = document.getElementById("strength");
  const show = document.getElementById("show");
  const words = ["Very weak", "Weak", "Fair", "Good", "Strong"];
  let timer = 0;
  let turn = 0;

  document.getElementById("live").hidden = false;

  show.addEventListener("change", function () {
    password.type = again.type = show.checked ? "text" : "password";
  });

  again.addEventListener("input", function () {
    again.setCustomValidity(again.value === password.value ? "" : "The two entries do not match.");
  });

  password.addEventListener("input", function () {
    clearTimeout(timer);
    again.setCustomValidity("");
    timer = setTimeout(assess, 300);
  });

  async function assess() {
    const mine = ++turn;
    if (password.value === "") {
      strength.value = 0;
      advice.textContent = "";
      return;
    }
    try {
      const answer = await fetch(address, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        credentials: "omit",
        body: JSON.stringify({ token: form.elements.token.value, password: password.value }),
      });
      // An older answer must not overwrite a newer one.
      if (mine !== turn || !answer.ok) return;
      const result = await answer.json();
      strength.value = result.score;
      advice.textContent = result.accepted ? words[result.score] : result.message;
    } catch {
      // Without the network nothing is said; the form itself will say it.
    }
  }
})();
