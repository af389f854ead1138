/** What names and passwords must be, said before somebody gets it wrong. */

export const NAME_RULE = "1 to 64 characters, without a slash.";

/** The server may ask for more (`auth.password_min_length`), and says so then. */
export const PASSWORD_RULE = "At least 8 characters; a few words are easier to remember than one odd one.";
