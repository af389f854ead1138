/** What names and passwords must be, said before somebody gets it wrong. */

export const NAME_RULE = "1 to 64 characters, without a slash.";

/** A server whose `auth.password_min_length` is another one says so when it is asked. */
export const PASSWORD_RULE = "At least 8 characters, unless this server asks for more. A few words are easy to remember.";
