.bail on
.timeout 10000
BEGIN IMMEDIATE;
SELECT 'locked';
