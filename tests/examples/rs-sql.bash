# shellcheck shell=bash
# What the examples of rs-sql(1) need: a warehouse called airline.

example_setup() {
	load helpers/postgres
	postgres_start
	printf 'RS_PG_DIR=%s\n' "$RS_PG_DIR" >"$HOME/postgres"
	cat >"$HOME/.pg_service.conf" <<-EOF
	[airline]
	host=warehouse.test
	hostaddr=127.0.0.1
	port=$RS_PG_PORT
	user=$PG_USER
	password=$PG_PASSWORD
	dbname=dev
	sslrootcert=$RS_PG_DIR/ca.crt
	EOF
}

example_teardown() {
	load helpers/postgres
	# shellcheck disable=SC1091
	. "$HOME/postgres"
	postgres_stop
}
