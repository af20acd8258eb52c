-- create share 'airline_share'
-- on: airline-producer
-- database: dev
-- already done when this returns a row: SELECT 1 FROM svv_datashares WHERE share_type = 'OUTBOUND' AND TRIM(share_name) = 'airline_share' AND TRIM(source_database) = 'dev'
CREATE DATASHARE "airline_share";

-- share schema 'airline_dw'
-- on: airline-producer
-- database: dev
-- already done when this returns a row: SELECT 1 FROM svv_datashare_objects WHERE share_type = 'OUTBOUND' AND TRIM(share_name) = 'airline_share' AND LOWER(TRIM(object_type)) = 'schema' AND TRIM(object_name) = 'airline_dw'
ALTER DATASHARE "airline_share" ADD SCHEMA "airline_dw";

-- share all tables and views of schema 'airline_dw'
-- on: airline-producer
-- database: dev
-- already done when this returns a row: SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM svv_redshift_tables WHERE TRIM(database_name) = 'dev' AND TRIM(schema_name) = 'airline_dw' AND TRIM(schema_name) || '.' || TRIM(table_name) NOT IN (SELECT TRIM(object_name) FROM svv_datashare_objects WHERE share_type = 'OUTBOUND' AND TRIM(share_name) = 'airline_share' AND object_name IS NOT NULL))
ALTER DATASHARE "airline_share" ADD ALL TABLES IN SCHEMA "airline_dw";

-- let 'airline-consumer-1' use share 'airline_share'
-- on: airline-producer
-- database: dev
-- already done when this returns a row: SELECT 1 FROM svv_datashare_consumers WHERE TRIM(share_name) = 'airline_share' AND LOWER(TRIM(consumer_namespace)) = LOWER('22222222-2222-4222-8222-222222222222')
GRANT USAGE ON DATASHARE "airline_share" TO NAMESPACE '22222222-2222-4222-8222-222222222222';

-- let 'airline-consumer-2' use share 'airline_share'
-- on: airline-producer
-- database: dev
-- already done when this returns a row: SELECT 1 FROM svv_datashare_consumers WHERE TRIM(share_name) = 'airline_share' AND LOWER(TRIM(consumer_namespace)) = LOWER('33333333-3333-4333-8333-333333333333')
GRANT USAGE ON DATASHARE "airline_share" TO NAMESPACE '33333333-3333-4333-8333-333333333333';

-- make database 'airline_shared' of share 'airline_share'
-- on: airline-consumer-1
-- database: dev
-- not inside a transaction block
-- already done when this returns a row: SELECT 1 FROM svv_datashares WHERE share_type = 'INBOUND' AND TRIM(share_name) = 'airline_share' AND LOWER(TRIM(producer_namespace)) = LOWER('11111111-1111-4111-8111-111111111111') AND TRIM(consumer_database) = 'airline_shared'
CREATE DATABASE "airline_shared" FROM DATASHARE "airline_share" OF NAMESPACE '11111111-1111-4111-8111-111111111111';

-- make schema 'airline' for shared schema 'airline_dw'
-- on: airline-consumer-1
-- database: dev
-- already done when this returns a row: SELECT 1 FROM svv_external_schemas WHERE TRIM(schemaname) = 'airline' AND TRIM(databasename) = 'airline_shared' AND eskind IN (4, 5)
CREATE EXTERNAL SCHEMA "airline" FROM REDSHIFT DATABASE 'airline_shared' SCHEMA 'airline_dw';

-- grant USAGE on database 'airline_shared' to role 'analysts'
-- on: airline-consumer-1
-- database: dev
-- not inside a transaction block
-- already done when this returns a row: SELECT 1 FROM svv_database_privileges WHERE TRIM(database_name) = 'airline_shared' AND UPPER(TRIM(privilege_type)) = 'USAGE' AND UPPER(TRIM(privilege_scope)) = 'DATABASE' AND LOWER(TRIM(identity_type)) = 'role' AND TRIM(identity_name) = 'analysts'
GRANT USAGE ON DATABASE "airline_shared" TO ROLE "analysts";

-- grant USAGE on schema 'airline' to role 'analysts'
-- on: airline-consumer-1
-- database: dev
-- not inside a transaction block
-- already done when this returns a row: SELECT 1 FROM svv_schema_privileges WHERE TRIM(namespace_name) = 'airline' AND UPPER(TRIM(privilege_type)) = 'USAGE' AND UPPER(TRIM(privilege_scope)) = 'SCHEMA' AND LOWER(TRIM(identity_type)) = 'role' AND TRIM(identity_name) = 'analysts'
GRANT USAGE ON SCHEMA "airline" TO ROLE "analysts";

-- prove that schema 'airline_dw' can be seen here
-- on: airline-consumer-1
-- database: dev
-- already done when this returns a row: SELECT 1 FROM svv_datashare_objects WHERE share_type = 'INBOUND' AND TRIM(share_name) = 'airline_share' AND LOWER(TRIM(producer_namespace)) = LOWER('11111111-1111-4111-8111-111111111111') AND LOWER(TRIM(object_type)) = 'schema' AND TRIM(object_name) = 'airline_dw'
SELECT 1 / COUNT(*) AS visible FROM svv_datashare_objects WHERE share_type = 'INBOUND' AND TRIM(share_name) = 'airline_share' AND LOWER(TRIM(producer_namespace)) = LOWER('11111111-1111-4111-8111-111111111111') AND LOWER(TRIM(object_type)) = 'schema' AND TRIM(object_name) = 'airline_dw';

-- make database 'airline_shared' of share 'airline_share'
-- on: airline-consumer-2
-- database: dev
-- not inside a transaction block
-- already done when this returns a row: SELECT 1 FROM svv_datashares WHERE share_type = 'INBOUND' AND TRIM(share_name) = 'airline_share' AND LOWER(TRIM(producer_namespace)) = LOWER('11111111-1111-4111-8111-111111111111') AND TRIM(consumer_database) = 'airline_shared'
CREATE DATABASE "airline_shared" FROM DATASHARE "airline_share" OF NAMESPACE '11111111-1111-4111-8111-111111111111';

-- make schema 'airline' for shared schema 'airline_dw'
-- on: airline-consumer-2
-- database: dev
-- already done when this returns a row: SELECT 1 FROM svv_external_schemas WHERE TRIM(schemaname) = 'airline' AND TRIM(databasename) = 'airline_shared' AND eskind IN (4, 5)
CREATE EXTERNAL SCHEMA "airline" FROM REDSHIFT DATABASE 'airline_shared' SCHEMA 'airline_dw';

-- grant USAGE on database 'airline_shared' to role 'analysts'
-- on: airline-consumer-2
-- database: dev
-- not inside a transaction block
-- already done when this returns a row: SELECT 1 FROM svv_database_privileges WHERE TRIM(database_name) = 'airline_shared' AND UPPER(TRIM(privilege_type)) = 'USAGE' AND UPPER(TRIM(privilege_scope)) = 'DATABASE' AND LOWER(TRIM(identity_type)) = 'role' AND TRIM(identity_name) = 'analysts'
GRANT USAGE ON DATABASE "airline_shared" TO ROLE "analysts";

-- grant USAGE on schema 'airline' to role 'analysts'
-- on: airline-consumer-2
-- database: dev
-- not inside a transaction block
-- already done when this returns a row: SELECT 1 FROM svv_schema_privileges WHERE TRIM(namespace_name) = 'airline' AND UPPER(TRIM(privilege_type)) = 'USAGE' AND UPPER(TRIM(privilege_scope)) = 'SCHEMA' AND LOWER(TRIM(identity_type)) = 'role' AND TRIM(identity_name) = 'analysts'
GRANT USAGE ON SCHEMA "airline" TO ROLE "analysts";

-- prove that schema 'airline_dw' can be seen here
-- on: airline-consumer-2
-- database: dev
-- already done when this returns a row: SELECT 1 FROM svv_datashare_objects WHERE share_type = 'INBOUND' AND TRIM(share_name) = 'airline_share' AND LOWER(TRIM(producer_namespace)) = LOWER('11111111-1111-4111-8111-111111111111') AND LOWER(TRIM(object_type)) = 'schema' AND TRIM(object_name) = 'airline_dw'
SELECT 1 / COUNT(*) AS visible FROM svv_datashare_objects WHERE share_type = 'INBOUND' AND TRIM(share_name) = 'airline_share' AND LOWER(TRIM(producer_namespace)) = LOWER('11111111-1111-4111-8111-111111111111') AND LOWER(TRIM(object_type)) = 'schema' AND TRIM(object_name) = 'airline_dw';

