//! What marketplaces write beside amounts, in the languages of their markets. CLDR has none of it.
//!
//! Tables are lists of words; `_` is the space of a phrase. Accents, case and width are folded on both sides.

mod gifts;
mod money;
mod offers;
mod periods;
mod role;
mod roles;
mod scales;

pub(super) use self::money::{CODES_THAT_ARE_WORDS, NOT_IN_CAPITALS, ONLY_AT_HOME, SIGNS, SUBUNITS, UNCERTAIN_SCALES};
pub(super) use self::periods::PERIODS;
pub(super) use self::role::{Role, RoleSet};
pub(super) use self::scales::{HOME_SCALES, SCALES};

/// All words with a role.
pub(super) fn role_words() -> impl Iterator<Item = &'static (Role, &'static str)> {
    roles::ROLES.iter().chain(offers::OFFERS).chain(gifts::GIFTS)
}
