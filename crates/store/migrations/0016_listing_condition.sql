-- The condition of the item: `new`, `like_new`, `good`, `fair` or `parts`; NULL where its ad does not state it.
ALTER TABLE listings ADD COLUMN condition TEXT;
