// What can be done with a run, and the token that it may need. The token is a variable: no storage, no cookie.

import { text } from './format.js';

let token = '';
let asking = null;

const dialog = () => document.getElementById('token-dialog');

export const headers = () => (token ? { Authorization: `Bearer ${token}` } : {});

/** Asks for a token; resolves when one was given or it was said that there is none. */
export function askForToken(words) {
  if (asking) return asking;
  document.getElementById('token-open').hidden = false; // from now on it may be changed
  text(document.getElementById('token-words'), words);
  asking = new Promise(resolve => {
    const field = document.getElementById('token');
    const answer = given => {
      token = given;
      field.value = '';
      dialog().close();
    };
    document.getElementById('token-form').onsubmit = event => {
      event.preventDefault();
      answer(field.value.trim());
    };
    document.getElementById('token-forget').onclick = () => answer('');
    dialog().onclose = () => {
      asking = null;
      resolve();
    };
    dialog().showModal();
    field.focus();
  });
  return asking;
}

/** Whether to really do it. */
function sure() {
  const asked = document.getElementById('sure-dialog');
  return new Promise(resolve => {
    let yes = false;
    document.getElementById('sure-yes').onclick = () => { yes = true; asked.close(); };
    document.getElementById('sure-no').onclick = () => asked.close();
    asked.onclose = () => resolve(yes);
    asked.showModal();
    document.getElementById('sure-no').focus();
  });
}

/** The answer as JSON; once more with a token where that is what is missing. Throws in the service's own words. */
async function ask(method, path) {
  for (let tries = 0; ; tries++) {
    const answer = await fetch(path, { method, headers: headers(), cache: 'no-store' });
    if ((answer.status === 401 || answer.status === 403) && tries === 0) {
      const problem = await answer.json();
      await askForToken(`${problem.detail}. It stays in this tab's memory and is gone when the tab is.`);
      continue;
    }
    const body = await answer.json();
    if (!answer.ok) throw new Error(body.detail ?? `status ${answer.status}`);
    return body;
  }
}

export const reconcile = run => ask('GET', `/api/v1/runs/${run}/reconciliation`);
export const replay = run => ask('POST', `/api/v1/runs/${run}/replay`);
export const redrive = run => ask('POST', `/api/v1/runs/${run}/redrive`);
export const cancel = async run => ((await sure()) ? ask('POST', `/api/v1/runs/${run}/cancel`) : null);
