//! Table of the REST API's endpoints.

use std::sync::Arc;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::api::ApiState;
use super::query_routes::query_routes;
use super::{
    account, accounts, favorites, invites, listings, matches, notifications, operations, password_reset, preferences,
    publish, register, removal, sessions, sources, tokens,
};

/// Returns all described endpoints of the REST API.
pub fn api_routes() -> OpenApiRouter<Arc<ApiState>> {
    OpenApiRouter::new()
        .routes(routes!(account::login))
        .routes(routes!(account::logout))
        .routes(routes!(account::me))
        .routes(routes!(account::password))
        .routes(routes!(password_reset::redeem))
        .routes(routes!(register::options))
        .routes(routes!(register::register))
        .routes(routes!(register::setup))
        .routes(routes!(sessions::list))
        .routes(routes!(sessions::revoke))
        .routes(routes!(tokens::list, tokens::create))
        .routes(routes!(tokens::revoke))
        .routes(routes!(preferences::get, preferences::patch))
        .routes(routes!(accounts::list, accounts::create))
        .routes(routes!(accounts::update, removal::user))
        .routes(routes!(password_reset::create))
        .routes(routes!(invites::list, invites::create))
        .routes(routes!(invites::revoke))
        .routes(routes!(accounts::stats))
        .routes(routes!(listings::list, publish::listings))
        .routes(routes!(listings::get, removal::listing))
        .routes(routes!(listings::price_history))
        .routes(routes!(matches::list))
        .routes(routes!(favorites::list))
        .routes(routes!(favorites::put, favorites::delete))
        .routes(routes!(publish::notification))
        .routes(routes!(publish::scraper_status))
        .routes(routes!(publish::system_message))
        .routes(routes!(publish::connected_users))
        .routes(routes!(notifications::list))
        .routes(routes!(notifications::read))
        .routes(routes!(notifications::read_all))
        .routes(routes!(notifications::unread_count))
        .merge(query_routes())
        .routes(routes!(sources::kinds))
        .routes(routes!(sources::list, sources::create))
        .routes(routes!(sources::get, sources::patch, sources::delete))
        .routes(routes!(sources::start))
        .routes(routes!(sources::stop))
        .routes(routes!(sources::run))
        .routes(routes!(sources::page))
        .routes(routes!(operations::status))
}
