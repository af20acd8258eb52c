#!/usr/bin/env bats
# The build itself: what comes out of it, where it goes, that it is the same
# each time.
bats_require_minimum_version 1.5.0
load helpers/common

# As the Makefile calls it: another spelling has other dependencies.
build=${RS_BUILD#"$RS_ROOT"/}

# The tree as it would be committed, without what was built in it.
copy_tree() { # directory
	mkdir -p "$1"
	(cd "$RS_ROOT" && git ls-files -z --cached --others --exclude-standard |
	    xargs -0 sh -c 'for f; do [ ! -f "$f" ] || printf "%s\0" "$f"; done' sh |
	    tar -c --null -T - -f -) | tar -xf - -C "$1"
}

build_in() { # directory
	make -C "$1" -j2 --no-print-directory BUILD=build all >/dev/null
}

@test "two builds in different places give the same bytes" {
	unset MAKEFLAGS MAKELEVEL MFLAGS
	copy_tree "$BATS_TEST_TMPDIR/one"
	mkdir "$BATS_TEST_TMPDIR/longer"
	cp -a "$BATS_TEST_TMPDIR/one" "$BATS_TEST_TMPDIR/longer/two"
	build_in "$BATS_TEST_TMPDIR/one"
	build_in "$BATS_TEST_TMPDIR/longer/two"
	cd "$BATS_TEST_TMPDIR/one/build/bin"
	for tool in $(rs_tools); do
		cmp "$tool" "$BATS_TEST_TMPDIR/longer/two/build/bin/$tool"
		run ! grep -Fq "$BATS_TEST_TMPDIR" "$tool"
	done
}

@test "every tool is hardened: PIE, full RELRO, stack protector, fortified" {
	for tool in $(rs_tools); do
		file=$RS_BUILD/bin/$tool
		readelf -hW "$file" | grep -Eq 'Type: +DYN' || fail "$tool: no PIE"
		readelf -dW "$file" | grep -Eq 'FLAGS_1.*PIE' || fail "$tool: no PIE"
		readelf -dW "$file" | grep -Eq 'FLAGS_1.*NOW' || fail "$tool: not bound at start"
		readelf -lW "$file" | grep -Fq GNU_RELRO || fail "$tool: no RELRO"
		readelf -lW "$file" | grep -E 'GNU_STACK.* RW +' >/dev/null ||
		    fail "$tool: the stack can be executed"
		readelf -sW "$file" | grep -Fq __stack_chk_fail || fail "$tool: no stack protector"
		readelf -sW "$file" | grep -Eq '__[a-z]+printf_chk' || fail "$tool: not fortified"
		[[ $(readelf -dW "$file") != *PATH* ]] || fail "$tool: has a run path"
	done
}

@test "only the SQL tools load libpq, and none loads what it does not use" {
	for tool in $(rs_tools); do
		libraries=$(readelf -dW "$RS_BUILD/bin/$tool" | grep -F NEEDED)
		case $tool in
		rs-sql) [[ $libraries == *libpq* ]] ;;
		*) [[ $libraries != *libpq* ]] || fail "$tool loads libpq" ;;
		esac
		ldd -u "$RS_BUILD/bin/$tool" >"$BATS_TEST_TMPDIR/unused" || :
		run ! grep -E 'lib(curl|crypto|jansson|expat|pq|gmp)' "$BATS_TEST_TMPDIR/unused"
	done
}

@test "install puts files where Debian expects them; uninstall takes just those" {
	unset MAKEFLAGS MAKELEVEL MFLAGS
	root=$BATS_TEST_TMPDIR/root
	mkdir -p "$root/usr/bin" "$root/usr/share/rstools/pricing"
	echo mine >"$root/usr/bin/mine"
	echo mine >"$root/usr/share/rstools/pricing/mine"
	make -C "$RS_ROOT" BUILD="$build" --no-print-directory \
	    DESTDIR="$root" PREFIX=/usr install
	for tool in $(rs_tools); do
		[ "$(stat -c %a "$root/usr/bin/$tool")" = 755 ]
		[ "$(stat -c %a "$root/usr/share/man/man1/$tool.1")" = 644 ]
		[ -f "$root/usr/share/bash-completion/completions/$tool" ]
		[ -f "$root/usr/share/zsh/vendor-completions/_$tool" ]
		[ -f "$root/usr/share/fish/vendor_completions.d/$tool.fish" ]
	done
	[ -f "$root/usr/share/man/man5/rs-records.5" ]
	[ -f "$root/usr/share/man/man7/rs-tools.7" ]
	[ -f "$root/usr/share/rstools/schema/end.json" ]
	[ -x "$root/usr/share/rstools/sandbox/rs-sandbox" ]
	[ -z "$(find "$root" -name '*.pyc' -o -name __pycache__)" ]
	make -C "$RS_ROOT" BUILD="$build" --no-print-directory \
	    DESTDIR="$root" PREFIX=/usr uninstall
	diff <(cd "$root" && find . -type f | sort) - <<-END
	./usr/bin/mine
	./usr/share/rstools/pricing/mine
	END
}

@test "install under /usr/local uses zsh's site-functions" {
	unset MAKEFLAGS MAKELEVEL MFLAGS
	run make -C "$RS_ROOT" BUILD="$build" -n install
	[[ $output == *:/usr/local/share/zsh/site-functions/_* ]]
	[[ $output != *vendor-completions* ]]
}

@test "the user's CFLAGS and LDFLAGS reach the compiler, ours stay" {
	unset MAKEFLAGS MAKELEVEL MFLAGS
	run make -C "$RS_ROOT" -n -B V=1 BUILD="$BATS_TEST_TMPDIR/b" CFLAGS='-O1 -DMINE' \
	    LDFLAGS=-Wl,--mine "$BATS_TEST_TMPDIR/b/bin/$(rs_tools | head -n 1)"
	assert_status 0
	[[ $output == *' -DMINE '* && $output == *' -Wl,--mine '* ]]
	[[ $output == *' -std=c11 '*' -DMINE '* && $output == *,-z,now,* ]]
}

@test "make deps: without root it prints the one command, and nothing is missing here" {
	run --separate-stderr "$RS_ROOT/tests/tools/deps" --list
	assert_status 0
	[ -z "${output// /}" ] || fail "missing: $output"
}

@test "the list of kinds and the README's table of tools are up to date" {
	run "$RS_ROOT/man/generate" --check
	[ "$status" -eq 0 ] || fail "$output"
	for tool in $(rs_tools); do
		grep -Eq "^\| \`$tool\` \| [a-z].* \|$" "$RS_ROOT/README.md" ||
		    fail "README.md lacks $tool"
	done
}

@test "every schema is valid and every member of it is described" {
	for schema in "$RS_ROOT"/share/schema/*.json; do
		kind=${schema##*/}
		jq -e --arg kind "${kind%.json}" '.title == $kind and
		    ."$schema" == "https://json-schema.org/draft/2020-12/schema" and
		    (.properties | to_entries | all(
			.key == "kind" or (.value.description | type == "string")))' \
		    "$schema" >/dev/null || fail "$kind"
		"$(rs_python jsonschema)" -c '
import json, sys, jsonschema
jsonschema.Draft202012Validator.check_schema(json.load(open(sys.argv[1])))' "$schema"
	done
}
