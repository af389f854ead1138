-- Listings that turned out to be another one, when the rules by which addresses are compared changed; they are found under that one.
CREATE TABLE merged_listings (
    id BIGINT NOT NULL PRIMARY KEY,
    into_id BIGINT NOT NULL
);
CREATE INDEX merged_listings_by_into_id ON merged_listings (into_id);
CREATE INDEX pruned_listings_by_reposted_of ON pruned_listings (reposted_of) WHERE reposted_of IS NOT NULL;
