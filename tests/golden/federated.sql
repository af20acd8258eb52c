-- make external schema 'external_postgres' of database 'sales'
-- on: wg-1
-- database: dev
-- already done when this returns a row: SELECT 1 FROM svv_external_schemas WHERE TRIM(schemaname) = 'external_postgres' AND eskind = 3 AND TRIM(databasename) = 'sales'
CREATE EXTERNAL SCHEMA "external_postgres" FROM POSTGRES DATABASE 'sales' SCHEMA 'public' URI 'db.example.internal' PORT 5432 IAM_ROLE 'arn:aws:iam::123456789012:role/federate' SECRET_ARN 'arn:aws:secretsmanager:us-west-2:123456789012:secret:example/db-AbCdEf';

-- make view 'orders_now' of table 'orders'
-- on: wg-1
-- database: dev
-- already done when this returns a row: SELECT 1 FROM svv_redshift_tables WHERE TRIM(database_name) = 'dev' AND TRIM(schema_name) = 'public' AND TRIM(table_name) = 'orders_now'
CREATE VIEW "public"."orders_now" AS SELECT * FROM "external_postgres"."orders" WITH NO SCHEMA BINDING;

