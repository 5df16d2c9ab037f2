-- A role and a database of its own name for each who keeps books in PostgreSQL. May be repeated: a password that was changed in its
-- file is changed here too. For psql, as superuser.
\set ON_ERROR_STOP on
\set tributary `cat /run/secrets/postgres_tributary_password`
\set airflow `cat /run/secrets/postgres_airflow_password`

SELECT format('CREATE ROLE %I LOGIN', role)
FROM (VALUES ('tributary'), ('airflow')) AS wanted (role)
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role)
\gexec

ALTER ROLE tributary PASSWORD :'tributary';
ALTER ROLE airflow PASSWORD :'airflow';

SELECT format('CREATE DATABASE %1$I OWNER %1$I', role)
FROM (VALUES ('tributary'), ('airflow')) AS wanted (role)
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = role)
\gexec

-- who has no business in a database does not come in
SELECT format('REVOKE CONNECT ON DATABASE %I FROM PUBLIC', role)
FROM (VALUES ('tributary'), ('airflow')) AS wanted (role)
\gexec
