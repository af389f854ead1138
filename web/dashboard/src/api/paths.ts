// Generated from docs/openapi.json by `npm run types`; a test fails when the two differ.

import type {
  CallerView,
  ConnectedUsers,
  CreatedInvite,
  CreatedPasswordReset,
  CreatedToken,
  FavoriteNotes,
  FavoritePage,
  FavoriteView,
  FieldVerdict,
  InvitePage,
  ItemResult,
  ListingSearchPage,
  ListingView,
  ListingsInput,
  MatchPage,
  NewAccount,
  NewPassword,
  NewPasswordReset,
  NewSource,
  NewToken,
  NewUser,
  NotificationFields,
  NotificationPage,
  NotificationsRead,
  PageView,
  PasswordChange,
  PreviewView,
  PriceAlert,
  PriceAlertFields,
  PriceAlertFieldsPatch,
  PriceAlertPage,
  PricePage,
  PublishResult,
  SavedSearch,
  SavedSearchFields,
  SavedSearchFieldsPatch,
  SavedSearchFieldsPreview,
  SavedSearchPage,
  SentMessage,
  SentNotification,
  SessionPage,
  SetUp,
  SignIn,
  SignInOptions,
  SourceEdit,
  SourceKindPage,
  SourcePage,
  SourceView,
  StatsView,
  SystemMessageFields,
  TokenPage,
  UnreadCount,
  UserChange,
  UserPage,
  UserView,
} from "./schema";

/**
 * What every path takes and answers, by method.
 *
 * `path`, `query` and `headers` are parameters; `body` is JSON, or a blob of another media type. `answers` are bodies by
 * status, and `problems` are the statuses that are answered with a `Problem`.
 */
export interface Paths {
  "/api/admin/stats": {
    /** Returns the amount of stored data, and the state of the background workers. */
    get: {
      answers: { 200: StatsView };
      problems: 401 | 403 | 429 | 503;
    };
  };
  "/api/auth/login": {
    /** Signs in: sets the session cookie. */
    post: {
      body: SignIn;
      answers: { 200: CallerView };
      problems: 400 | 401 | 403 | 408 | 413 | 415 | 422 | 429 | 503 | 507;
    };
  };
  "/api/auth/logout": {
    /**
     * Signs out: ends the session, and every live connection made with it. The browser loses its cookie even where the store
     * cannot be written to.
     */
    post: {
      answers: { 204: undefined };
      problems: 401 | 403 | 429 | 503 | 507;
    };
  };
  "/api/auth/me": {
    /** Returns the caller. */
    get: {
      answers: { 200: CallerView };
      problems: 401 | 403 | 429 | 503;
    };
  };
  "/api/auth/options": {
    /** What the sign-in page offers. */
    get: {
      answers: { 200: SignInOptions };
      problems: 429 | 503;
    };
  };
  "/api/auth/password": {
    /** Changes the caller's password, and ends all of their other sessions. */
    post: {
      body: PasswordChange;
      answers: { 204: undefined };
      problems: 400 | 401 | 403 | 408 | 413 | 415 | 422 | 429 | 503 | 507;
    };
  };
  "/api/auth/register": {
    /** Creates an account and signs in. */
    post: {
      body: NewAccount;
      answers: { 201: CallerView };
      problems: 400 | 403 | 408 | 409 | 413 | 415 | 422 | 429 | 503 | 507;
    };
  };
  "/api/auth/reset": {
    /** Chooses a new password with a link, and signs in; every other session of the user ends, and API tokens are revoked. */
    post: {
      body: NewPassword;
      answers: { 200: CallerView };
      problems: 400 | 403 | 408 | 413 | 415 | 422 | 429 | 503 | 507;
    };
  };
  "/api/connected-users": {
    /** Lists the users who are currently connected. */
    get: {
      answers: { 200: ConnectedUsers };
      problems: 401 | 403 | 429 | 503;
    };
  };
  "/api/events": {
    /** Streams the events of the log, starting with those missed since `Last-Event-ID`. */
    get: {
      query?: {
        since?: undefined | string;
        lastEventId?: undefined | string;
        epoch?: undefined | string;
        token?: undefined | string;
      };
      answers: { 200: unknown };
      problems: 400 | 401 | 403 | 422 | 429 | 503;
    };
  };
  "/api/favorites": {
    /** Lists the caller's favourites. None of them is ever removed for its age. */
    get: {
      query?: {
        cursor?: undefined | string;
        limit?: undefined | number;
      };
      answers: { 200: FavoritePage };
      problems: 400 | 401 | 403 | 422 | 429 | 503;
    };
  };
  "/api/favorites/{listing_id}": {
    /** Adds a listing to the caller's favourites, or changes the notes of one that is there. The body may be left out. */
    put: {
      path: {
        listing_id: number;
      };
      body: FavoriteNotes;
      answers: { 200: FavoriteView; 201: FavoriteView };
      problems: 400 | 401 | 403 | 404 | 408 | 409 | 413 | 415 | 422 | 429 | 503 | 507;
    };
    /** Removes a listing from the caller's favourites, and deletes its notes. */
    delete: {
      path: {
        listing_id: number;
      };
      answers: { 204: undefined };
      problems: 401 | 403 | 404 | 429 | 503 | 507;
    };
  };
  "/api/invites": {
    /** Lists the invitations, also those that were used or expired, until they are removed a while later. */
    get: {
      query?: {
        cursor?: undefined | string;
        limit?: undefined | number;
      };
      answers: { 200: InvitePage };
      problems: 400 | 401 | 403 | 422 | 429 | 503;
    };
    /** Creates an invitation, valid once and for a week. */
    post: {
      answers: { 201: CreatedInvite };
      problems: 401 | 403 | 429 | 503 | 507;
    };
  };
  "/api/invites/{id}": {
    /** Revokes an unused invitation. */
    delete: {
      path: {
        id: number;
      };
      answers: { 204: undefined };
      problems: 401 | 403 | 404 | 429 | 503 | 507;
    };
  };
  "/api/listings": {
    /** Lists listings. */
    get: {
      query?: {
        q?: undefined | string;
        source?: undefined | Array<string>;
        min_price?: undefined | number;
        max_price?: undefined | number;
        price_per?: undefined | "hour" | "day" | "week" | "month" | "year" | "area";
        since?: undefined | string;
        sort?: undefined | "found" | "posted" | "price_asc" | "price_desc" | "drop";
        count?: undefined | boolean;
        cursor?: undefined | string;
        limit?: undefined | number;
      };
      answers: { 200: ListingSearchPage };
      problems: 400 | 401 | 403 | 422 | 429 | 503;
    };
    /** Publishes listings: one object, an array, or NDJSON (`application/x-ndjson`, streamed). */
    post: {
      body: ListingsInput | Blob;
      answers: { 200: PublishResult; 201: ItemResult };
      problems: 400 | 401 | 403 | 408 | 413 | 415 | 422 | 429 | 503 | 507;
    };
  };
  "/api/listings/{id}": {
    /** Returns a listing. */
    get: {
      path: {
        id: number;
      };
      answers: { 200: ListingView; 301: unknown };
      problems: 401 | 403 | 404 | 429 | 503;
    };
    /** Removes a listing, also from all favourites. If it is posted again it comes back, without a second notification. */
    delete: {
      path: {
        id: number;
      };
      answers: { 204: undefined };
      problems: 401 | 403 | 404 | 429 | 503 | 507;
    };
  };
  "/api/listings/{id}/matches": {
    /** Lists which of the caller's alerts and searches match a listing, and why. */
    get: {
      path: {
        id: number;
      };
      answers: { 200: MatchPage };
      problems: 401 | 403 | 404 | 429 | 503;
    };
  };
  "/api/listings/{id}/price-history": {
    /** Lists the prices of a listing over time. */
    get: {
      path: {
        id: number;
      };
      answers: { 200: PricePage; 301: unknown };
      problems: 401 | 403 | 404 | 429 | 503;
    };
  };
  "/api/notifications": {
    /** Lists the caller's notifications, newest first. */
    get: {
      query?: {
        unread?: undefined | boolean;
        cursor?: undefined | string;
        limit?: undefined | number;
      };
      answers: { 200: NotificationPage };
      problems: 400 | 401 | 403 | 422 | 429 | 503;
    };
  };
  "/api/notifications/read-all": {
    /** Marks all notifications as read, on all devices. */
    post: {
      answers: { 200: NotificationsRead };
      problems: 401 | 403 | 429 | 503 | 507;
    };
  };
  "/api/notifications/unread-count": {
    /** Counts the unread notifications. */
    get: {
      answers: { 200: UnreadCount };
      problems: 401 | 403 | 429 | 503;
    };
  };
  "/api/notifications/{id}/read": {
    /** Marks a notification as read, on all devices. */
    post: {
      path: {
        id: number;
      };
      answers: { 200: NotificationsRead };
      problems: 401 | 403 | 404 | 429 | 503 | 507;
    };
  };
  "/api/preferences": {
    /** Returns the caller's preferences, an object with keys chosen by the dashboard. */
    get: {
      answers: { 200: Record<string, unknown> };
      problems: 401 | 403 | 429 | 503;
    };
    /** Changes preferences (JSON Merge Patch, RFC 7396): `null` removes a key. */
    patch: {
      body: Record<string, unknown>;
      answers: { 200: Record<string, unknown> };
      problems: 400 | 401 | 403 | 408 | 413 | 415 | 422 | 429 | 503 | 507;
    };
  };
  "/api/price-alerts": {
    /** Lists the caller's price alerts, newest first. */
    get: {
      answers: { 200: PriceAlertPage };
      problems: 401 | 403 | 429 | 503;
    };
    /** Saves a price alert. It notifies of what comes in from now on. */
    post: {
      body: PriceAlertFields;
      answers: { 201: PriceAlert };
      problems: 400 | 401 | 403 | 408 | 413 | 415 | 422 | 429 | 503 | 507;
    };
  };
  "/api/price-alerts/check": {
    /** Says what is wrong with the fields of a price alert. */
    post: {
      body: PriceAlertFields;
      answers: { 200: FieldVerdict };
      problems: 400 | 401 | 403 | 408 | 413 | 415 | 422 | 429 | 503 | 507;
    };
  };
  "/api/price-alerts/preview": {
    /** Says what a price alert would have found in the last 30 days, before it is saved. */
    post: {
      body: PriceAlertFields;
      answers: { 200: PreviewView };
      problems: 400 | 401 | 403 | 408 | 413 | 415 | 422 | 429 | 503 | 507;
    };
  };
  "/api/price-alerts/{id}": {
    /** One price alert. */
    get: {
      path: {
        id: number;
      };
      answers: { 200: PriceAlert };
      problems: 401 | 403 | 404 | 429 | 503;
    };
    /** Deletes a price alert. */
    delete: {
      path: {
        id: number;
      };
      answers: { 204: undefined };
      problems: 401 | 403 | 404 | 429 | 503 | 507;
    };
    /** Changes the given fields of a price alert, which then applies to what comes in from now on. `active` alone pauses or resumes it, without effect where it is so already. */
    patch: {
      path: {
        id: number;
      };
      body: PriceAlertFieldsPatch;
      answers: { 200: PriceAlert };
      problems: 400 | 401 | 403 | 404 | 408 | 413 | 415 | 422 | 429 | 503 | 507;
    };
  };
  "/api/price-alerts/{id}/ignored-listings/{listing_id}": {
    /** Excludes a listing from what a price alert notifies of, whatever its price. */
    put: {
      path: {
        id: number;
        listing_id: number;
      };
      answers: { 204: undefined };
      problems: 401 | 403 | 404 | 409 | 429 | 503 | 507;
    };
    /** Includes a listing again in what a price alert notifies of, from now on. */
    delete: {
      path: {
        id: number;
        listing_id: number;
      };
      answers: { 204: undefined };
      problems: 401 | 403 | 404 | 429 | 503 | 507;
    };
  };
  "/api/price-alerts/{id}/toggle": {
    /** Pauses a price alert, or resumes a paused one from now on. `PATCH` with `active` sets either. */
    post: {
      path: {
        id: number;
      };
      answers: { 200: PriceAlert };
      problems: 401 | 403 | 404 | 429 | 503 | 507;
    };
  };
  "/api/saved-searches": {
    /** Lists the caller's saved searches, newest first. */
    get: {
      answers: { 200: SavedSearchPage };
      problems: 401 | 403 | 429 | 503;
    };
    /** Saves a saved search. It notifies of what comes in from now on. */
    post: {
      body: SavedSearchFields;
      answers: { 201: SavedSearch };
      problems: 400 | 401 | 403 | 408 | 413 | 415 | 422 | 429 | 503 | 507;
    };
  };
  "/api/saved-searches/check": {
    /** Says what is wrong with the fields of a saved search. */
    post: {
      body: SavedSearchFieldsPreview;
      answers: { 200: FieldVerdict };
      problems: 400 | 401 | 403 | 408 | 413 | 415 | 422 | 429 | 503 | 507;
    };
  };
  "/api/saved-searches/preview": {
    /** Says what a saved search would have found in the last 30 days, before it is saved. */
    post: {
      body: SavedSearchFieldsPreview;
      answers: { 200: PreviewView };
      problems: 400 | 401 | 403 | 408 | 413 | 415 | 422 | 429 | 503 | 507;
    };
  };
  "/api/saved-searches/{id}": {
    /** One saved search. */
    get: {
      path: {
        id: number;
      };
      answers: { 200: SavedSearch };
      problems: 401 | 403 | 404 | 429 | 503;
    };
    /** Deletes a saved search. */
    delete: {
      path: {
        id: number;
      };
      answers: { 204: undefined };
      problems: 401 | 403 | 404 | 429 | 503 | 507;
    };
    /** Changes the given fields of a saved search, which then applies to what comes in from now on. `active` alone pauses or resumes it, without effect where it is so already. */
    patch: {
      path: {
        id: number;
      };
      body: SavedSearchFieldsPatch;
      answers: { 200: SavedSearch };
      problems: 400 | 401 | 403 | 404 | 408 | 413 | 415 | 422 | 429 | 503 | 507;
    };
  };
  "/api/saved-searches/{id}/ignored-listings/{listing_id}": {
    /** Excludes a listing from what a saved search notifies of, whatever its price. */
    put: {
      path: {
        id: number;
        listing_id: number;
      };
      answers: { 204: undefined };
      problems: 401 | 403 | 404 | 409 | 429 | 503 | 507;
    };
    /** Includes a listing again in what a saved search notifies of, from now on. */
    delete: {
      path: {
        id: number;
        listing_id: number;
      };
      answers: { 204: undefined };
      problems: 401 | 403 | 404 | 429 | 503 | 507;
    };
  };
  "/api/saved-searches/{id}/run": {
    /** Lists what a saved search finds among the listings of the last 30 days. */
    post: {
      path: {
        id: number;
      };
      answers: { 200: PreviewView };
      problems: 401 | 403 | 404 | 429 | 503 | 507;
    };
  };
  "/api/scraper-status": {
    /** Merges the status of scrapers that run elsewhere: `{"facebook": true, ...}`; `null` removes a source. */
    put: {
      headers?: {
        "Idempotency-Key"?: undefined | string;
      };
      body: Record<string, boolean | null>;
      answers: { 200: Record<string, boolean> };
      problems: 400 | 401 | 403 | 408 | 409 | 413 | 415 | 422 | 429 | 503 | 507;
    };
  };
  "/api/sessions": {
    /** Lists the caller's sessions. */
    get: {
      answers: { 200: SessionPage };
      problems: 401 | 403 | 429 | 503;
    };
  };
  "/api/sessions/{id}": {
    /** Ends one of the caller's sessions, and every live connection made with it. */
    delete: {
      path: {
        id: number;
      };
      answers: { 204: undefined };
      problems: 401 | 403 | 404 | 429 | 503 | 507;
    };
  };
  "/api/setup": {
    /** Creates the first admin through the link that the program printed, and signs in. */
    post: {
      body: SetUp;
      answers: { 201: CallerView };
      problems: 400 | 403 | 408 | 409 | 413 | 415 | 422 | 429 | 503 | 507;
    };
  };
  "/api/source-kinds": {
    /** Lists the kinds of source, with the settings that each takes. */
    get: {
      answers: { 200: SourceKindPage };
      problems: 401 | 403 | 429 | 503;
    };
  };
  "/api/sources": {
    /** Lists the sources. */
    get: {
      answers: { 200: SourcePage };
      problems: 401 | 403 | 429 | 503;
    };
    /** Makes a source, stopped. */
    post: {
      body: NewSource;
      answers: { 201: SourceView };
      problems: 400 | 401 | 403 | 408 | 409 | 413 | 415 | 422 | 429 | 503 | 507;
    };
  };
  "/api/sources/{name}": {
    /** Returns a source. */
    get: {
      path: {
        name: string;
      };
      answers: { 200: SourceView };
      problems: 401 | 403 | 404 | 429 | 503;
    };
    /** Deletes a source; its listings stay. */
    delete: {
      path: {
        name: string;
      };
      answers: { 204: undefined };
      problems: 401 | 403 | 404 | 429 | 503 | 507;
    };
    /** Changes a source. If it is running, the change takes effect at once. */
    patch: {
      path: {
        name: string;
      };
      body: SourceEdit;
      answers: { 200: SourceView };
      problems: 400 | 401 | 403 | 404 | 408 | 413 | 415 | 422 | 429 | 503 | 507;
    };
  };
  "/api/sources/{name}/page": {
    /** Reads a saved page with a source's adapter, and publishes its listings if `publish` is true. The body is the page. */
    post: {
      path: {
        name: string;
      };
      query?: {
        url?: undefined | string;
        status?: undefined | number;
        publish?: undefined | boolean;
      };
      body: Blob;
      answers: { 200: PageView };
      problems: 400 | 401 | 403 | 404 | 408 | 413 | 415 | 422 | 429 | 503 | 507;
    };
  };
  "/api/sources/{name}/run": {
    /** Runs a source at once instead of at its scheduled time. A source that is stopped is not run (409). */
    post: {
      path: {
        name: string;
      };
      answers: { 200: SourceView };
      problems: 401 | 403 | 404 | 409 | 429 | 503 | 507;
    };
  };
  "/api/sources/{name}/start": {
    /** Starts a source: it runs now, and then regularly. */
    post: {
      path: {
        name: string;
      };
      answers: { 200: SourceView };
      problems: 401 | 403 | 404 | 422 | 429 | 503 | 507;
    };
  };
  "/api/sources/{name}/stop": {
    /** Stops a source; a request in progress is its last. */
    post: {
      path: {
        name: string;
      };
      answers: { 200: SourceView };
      problems: 401 | 403 | 404 | 429 | 503 | 507;
    };
  };
  "/api/status": {
    /** Returns which sources run without failures. */
    get: {
      answers: { 200: Record<string, boolean> };
      problems: 401 | 403 | 429 | 503;
    };
  };
  "/api/system-messages": {
    /** Sends a message to everyone: `{"message": ..., "level": "info"}`. */
    post: {
      headers?: {
        "Idempotency-Key"?: undefined | string;
      };
      body: SystemMessageFields;
      answers: { 201: SentMessage };
      problems: 400 | 401 | 403 | 408 | 409 | 413 | 415 | 422 | 429 | 503 | 507;
    };
  };
  "/api/tokens": {
    /** Lists the caller's tokens; an admin's call lists everyone's, unless `mine` is true. */
    get: {
      query?: {
        cursor?: undefined | string;
        limit?: undefined | number;
        mine?: undefined | boolean;
      };
      answers: { 200: TokenPage };
      problems: 400 | 401 | 403 | 422 | 429 | 503;
    };
    /** Creates a token that belongs to the caller, and shows it once. */
    post: {
      body: NewToken;
      answers: { 201: CreatedToken };
      problems: 400 | 401 | 403 | 408 | 409 | 413 | 415 | 422 | 429 | 503 | 507;
    };
  };
  "/api/tokens/{id}": {
    /** Revokes a token: it is refused from now on, and its live connections are closed. */
    delete: {
      path: {
        id: number;
      };
      answers: { 204: undefined };
      problems: 401 | 403 | 404 | 429 | 503 | 507;
    };
  };
  "/api/users": {
    /** Lists the users. */
    get: {
      answers: { 200: UserPage };
      problems: 401 | 403 | 429 | 503;
    };
    /** Creates a user. Creating an admin from a session requires the caller's own password again. */
    post: {
      body: NewUser;
      answers: { 201: UserView };
      problems: 400 | 401 | 403 | 408 | 409 | 413 | 415 | 422 | 429 | 503 | 507;
    };
  };
  "/api/users/{id}": {
    /** Removes a user and all of their data; their live connections are closed at once. */
    delete: {
      path: {
        id: number;
      };
      answers: { 204: undefined };
      problems: 401 | 403 | 404 | 409 | 429 | 503 | 507;
    };
    /** Disables a user, or enables them again. Disabling ends their sessions and live connections at once. */
    patch: {
      path: {
        id: number;
      };
      body: UserChange;
      answers: { 200: UserView };
      problems: 400 | 401 | 403 | 404 | 408 | 409 | 413 | 415 | 422 | 429 | 503 | 507;
    };
  };
  "/api/users/{id}/password-reset": {
    /**
     * Creates a link with which a user chooses a new password, valid once and for a day. It replaces an earlier one. Creating
     * one for an admin from a session requires the caller's own password again.
     */
    post: {
      path: {
        id: number;
      };
      body?: undefined | NewPasswordReset | null;
      answers: { 201: CreatedPasswordReset };
      problems: 400 | 401 | 403 | 404 | 408 | 409 | 413 | 415 | 422 | 429 | 503 | 507;
    };
  };
  "/api/users/{username}/notifications": {
    /** Sends a notification to one user, on all of their connections: at once, or when they next connect. */
    post: {
      path: {
        username: string;
      };
      headers?: {
        "Idempotency-Key"?: undefined | string;
      };
      body: NotificationFields;
      answers: { 201: SentNotification };
      problems: 400 | 401 | 403 | 404 | 408 | 409 | 413 | 415 | 422 | 429 | 503 | 507;
    };
  };
}
