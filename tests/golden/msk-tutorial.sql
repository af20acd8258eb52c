-- make external schema 'mskschema' of the brokers
-- on: streamingwork
-- database: dev
-- already done when this returns a row: SELECT 1 FROM svv_external_schemas WHERE TRIM(schemaname) = 'mskschema' AND eskind = 10
CREATE EXTERNAL SCHEMA "mskschema" FROM MSK IAM_ROLE 'arn:aws:iam::111122223333:role/service-role/redshift-serverless-clust-redshiftNamespaceIamRole,arn:aws:iam::444455556666:role/service-role/msk-serverless-cluster-redshiftStrIngestCrossActRo' URI 'boot-kdohpulc.c3.kafka-serverless.ap-south-1.amazonaws.com:9098' AUTHENTICATION iam;

-- make view 'myview1' of topic 'testtopic'
-- on: streamingwork
-- database: dev
-- not inside a transaction block
-- already done when this returns a row: SELECT 1 FROM svv_mv_info WHERE TRIM(database_name) = 'dev' AND TRIM(schema_name) = 'public' AND TRIM(name) = 'myview1'
CREATE MATERIALIZED VIEW "public"."myview1" AUTO REFRESH YES AS SELECT kafka_partition, kafka_offset, kafka_timestamp_type, kafka_timestamp, kafka_key, kafka_headers, refresh_time, JSON_PARSE(kafka_value) AS data FROM "mskschema"."testtopic" WHERE CAN_JSON_PARSE(kafka_value);

-- refresh view 'myview1' by itself
-- on: streamingwork
-- database: dev
-- not inside a transaction block
-- already done when this returns a row: SELECT 1 FROM svv_mv_info WHERE TRIM(database_name) = 'dev' AND TRIM(schema_name) = 'public' AND TRIM(name) = 'myview1' AND autorefresh IN ('t', '1')
ALTER MATERIALIZED VIEW "public"."myview1" AUTO REFRESH YES;

-- read topic 'testtopic' up to now
-- on: streamingwork
-- database: dev
-- not inside a transaction block
REFRESH MATERIALIZED VIEW "public"."myview1";

