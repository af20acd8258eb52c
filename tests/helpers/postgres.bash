# postgres.bash - a real PostgreSQL that stands in for a warehouse
#
#	load helpers/common
#	load helpers/postgres
#	setup_file()    { postgres_start; }
#	setup()         { postgres_env; }
#	teardown_file() { postgres_stop; }
#
# It listens on a Unix socket and, with TLS, on loopback. Its certificate is
# for warehouse.test and for the endpoints of the sandbox's workgroups, signed
# by $RS_PG_DIR/ca.crt. The databases dev and other exist; user awsuser, password
# "p'w \ü", owns them. It ends by itself after 15 minutes.

PG_USER=awsuser
PG_PASSWORD="p'w \\ü"

# PostgreSQL refuses to run as root.
postgres_as()
{
	if [ "$(id -u)" -eq 0 ]; then
		(cd / && exec setpriv --reuid=postgres --regid=postgres \
		    --clear-groups -- "$@")
	else
		"$@"
	fi
}

# A key and a certificate for the names, signed by the CA of the directory.
postgres_certificate() # directory, name, subjectAltName
{
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -keyout "$1/$2.key" -out "$1/$2.csr" -subj "/CN=$2" 2>/dev/null
	openssl x509 -req -in "$1/$2.csr" -CA "$1/ca.crt" -CAkey "$1/ca.key" \
	    -CAcreateserial -days 2 -out "$1/$2.crt" \
	    -extfile <(printf 'subjectAltName=%s\n' "$3") 2>/dev/null
}

postgres_authority() # directory
{
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -keyout "$1/ca.key" -out "$1/ca.crt" -days 2 -subj '/CN=Test CA' \
	    -addext 'keyUsage=critical,keyCertSign' 2>/dev/null
}

free_port()
{
	"$(rs_python socket)" - <<-'EOF'
	import socket
	s = socket.socket()
	s.bind(("127.0.0.1", 0))
	print(s.getsockname()[1])
	EOF
}

postgres_configure()
{
	cat >>"$RS_PG_DIR/data/postgresql.conf" <<-EOF
	listen_addresses = '127.0.0.1'
	port = $RS_PG_PORT
	unix_socket_directories = '$RS_PG_DIR'
	ssl = on
	ssl_cert_file = '$RS_PG_DIR/warehouse.test.crt'
	ssl_key_file = '$RS_PG_DIR/warehouse.test.key'
	fsync = off
	shared_buffers = 32MB
	EOF
	# GetCredentials of the sandbox makes up a password that no server knows.
	cat >"$RS_PG_DIR/data/pg_hba.conf" <<-'EOF'
	local all all scram-sha-256
	hostssl all "IAM:sandbox" 127.0.0.1/32 trust
	hostssl all all 127.0.0.1/32 scram-sha-256
	EOF
}

# postgres_start: RS_PG_DIR, RS_PG_PORT and RS_PG_BIN are set for the file's tests.
postgres_start()
{
	export RS_PG_DIR RS_PG_PORT RS_PG_BIN
	RS_PG_BIN=$(find /usr/lib/postgresql -name initdb -printf '%h\n' |
	    sort -V | tail -n 1)
	RS_PG_DIR=$(mktemp -d "${TMPDIR:-/tmp}/rs-pg.XXXXXX")
	postgres_authority "$RS_PG_DIR"
	postgres_certificate "$RS_PG_DIR" warehouse.test "DNS:warehouse.test,\
DNS:*.123456789012.us-west-2.redshift-serverless.amazonaws.com"
	printf '%s\n' "$PG_PASSWORD" >"$RS_PG_DIR/password"
	[ "$(id -u)" -ne 0 ] || chown -R postgres "$RS_PG_DIR"
	postgres_as "$RS_PG_BIN/initdb" -D "$RS_PG_DIR/data" -U "$PG_USER" \
	    -A scram-sha-256 --pwfile "$RS_PG_DIR/password" -E UTF8 --no-sync \
	    --locale=C.UTF-8 >"$RS_PG_DIR/initdb.log"
	RS_PG_PORT=$(free_port)
	postgres_configure
	postgres_as timeout -s INT 900 "$RS_PG_BIN/postgres" -D "$RS_PG_DIR/data" \
	    </dev/null >"$RS_PG_DIR/log" 2>&1 3>&- &
	wait_until "$RS_PG_BIN/pg_isready" -q -h "$RS_PG_DIR" -p "$RS_PG_PORT"
	chmod 0711 "$RS_PG_DIR"
	psql_in postgres -c 'CREATE DATABASE dev' -c 'CREATE DATABASE other' \
	    -c 'CREATE ROLE "IAM:sandbox" LOGIN SUPERUSER'
}

# psql_in DATABASE ARGUMENT ...: what the tool under test is judged by.
psql_in()
{
	local database=$1

	shift
	env -u PGHOSTADDR -u PGSSLMODE PGPASSWORD="$PG_PASSWORD" \
	    PGOPTIONS='-c client_min_messages=warning' \
	    psql -X -q -A -t -v ON_ERROR_STOP=1 -h "$RS_PG_DIR" \
	    -p "$RS_PG_PORT" -U "$PG_USER" -d "$database" "$@"
}

# What libpq needs to reach it over TLS, and nothing of AWS.
postgres_env()
{
	export PGHOST=warehouse.test PGHOSTADDR=127.0.0.1 PGPORT=$RS_PG_PORT \
	    PGUSER=$PG_USER PGPASSWORD=$PG_PASSWORD PGSSLROOTCERT=$RS_PG_DIR/ca.crt
}

postgres_stop()
{
	local pid

	[ -n "${RS_PG_DIR-}" ] || return 0
	if read -r pid <"$RS_PG_DIR/data/postmaster.pid"; then
		kill -INT "$pid"
		wait_until eval "! kill -0 $pid 2>/dev/null"
	fi
	rm -rf "$RS_PG_DIR"
}
