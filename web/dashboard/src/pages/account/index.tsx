import "../../../styles/account.scss";
import { PageHead } from "../../parts/page-head";
import { preferences, setPreferences, type Theme } from "../../state/preferences";
import { me, signOut } from "../../state/session";
import { tellFailure } from "../../state/toasts";
import { messageOf } from "../../api/call";
import { PasswordForm } from "./password";
import { SessionList } from "./sessions";
import { OwnTokens } from "./tokens";

/** One's own account. */
export default function AccountPage() {
  const leave = (): void => void signOut().catch((error: unknown) => tellFailure(messageOf(error)));
  return (
    <>
      <PageHead title="Account"><button type="button" class="btn btn-plain" onClick={leave}>Sign out</button></PageHead>
      <div class="account-columns">
        <section class="card-box" aria-labelledby="who">
          <h2 id="who">{me.value?.username ?? "…"}</h2>
          <p class="quiet mb-0">{me.value?.is_admin === true ? "You are an admin: you may do everything." : "You see listings, and what is yours."}</p>
        </section>
        <Appearance />
        <SessionList />
        <PasswordForm />
        <OwnTokens />
      </div>
    </>
  );
}

const THEMES: readonly (readonly [Theme, string])[] = [["system", "As the system"], ["light", "Light"], ["dark", "Dark"]];

function Appearance() {
  const chosen = preferences.value.theme ?? "system";
  return (
    <section class="card-box">
      <fieldset class="account-themes">
        <legend>Colours</legend>
        {THEMES.map(([theme, words]) => (
          <label key={theme}>
            <input
              type="radio"
              class="form-check-input"
              name="theme"
              checked={chosen === theme}
              onChange={() => void setPreferences({ theme })}
            />
            {words}
          </label>
        ))}
      </fieldset>
    </section>
  );
}
