#!/usr/bin/env bats
# The completions, driven as a shell drives them.
bats_require_minimum_version 1.5.0
load helpers/common

# Every spelling of every option that a verb ("-" for a tool without) takes.
options_of() { # tool, verb
	"$1" --dump-options | awk -F '\t' -v verb="$2" '
	$1 == "option" && ($7 == "-" || index("," $7 ",", "," verb ",")) {
		if ($2 != "-") print "-" $2
		print "--" $3
	}' | sort
}

verbs_of() {
	local verbs

	verbs=$("$1" --dump-options | sed -n 's/^verb\t\([^\t]*\).*/\1/p')
	echo "${verbs:--}"
}

# What bash would offer for the last of the words.
bash_offers() { # tool, word ...
	COMP_WORDS=("$@")
	COMP_CWORD=$(($# - 1))
	"_${1//-/_}"
	printf '%s\n' "${COMPREPLY[@]}" | sort
}

@test "they are made from the tables, and up to date" {
	run --separate-stderr "$RS_ROOT/completions/generate" --check
	assert_status 0
	assert_out ''
}

@test "bash: offers exactly the options of each verb, and the words of a value" {
	for tool in $(rs_tools); do
		. "$RS_ROOT/completions/bash/$tool"
		for verb in $(verbs_of "$tool"); do
			set -- "$tool" "$verb"
			[ "$verb" != - ] || set -- "$tool"
			diff <(options_of "$tool" "$verb") <(bash_offers "$@" -) ||
			    fail "bash offers other options of: $*"
		done
		while IFS=$'\t' read -r row _ name _ _ words _; do
			[ "$row" = option ] && [ "$words" != - ] || continue
			diff <(tr , '\n' <<<"$words" | sort) \
			    <(bash_offers "$tool" "--$name" '') ||
			    fail "bash offers other values of $tool --$name"
			diff <(tr , '\n' <<<"$words" | sort) \
			    <(bash_offers "$tool" "--$name" = '') ||
			    fail "bash offers other values of $tool --$name="
		done < <("$tool" --dump-options)
	done
}

@test "bash: offers the verbs first" {
	for tool in $(rs_tools); do
		[ "$(verbs_of "$tool")" != - ] || continue
		. "$RS_ROOT/completions/bash/$tool"
		diff <(verbs_of "$tool" | sort) <(bash_offers "$tool" '')
	done
}

@test "fish: offers the long options and the words of a value" {
	command -v fish
	export HOME=$BATS_TEST_TMPDIR
	for tool in $(rs_tools); do
		for verb in $(verbs_of "$tool"); do
			[ "$verb" != - ] || verb=
			diff <(options_of "$tool" "${verb:--}" | grep '^--') \
			    <(fish --no-config -c \
			        "source $RS_ROOT/completions/fish/$tool.fish
			        complete -C'$tool $verb --'" | cut -f 1 | sort) ||
			    fail "fish offers other options of $tool $verb"
		done
	done
}

@test "zsh: the files parse and know every option" {
	command -v zsh
	for tool in $(rs_tools); do
		file=$RS_ROOT/completions/zsh/_$tool
		zsh -n "$file"
		[ "$(head -n 1 "$file")" = "#compdef $tool" ]
		for option in $("$tool" --dump-options |
		    sed -n 's/^option\t[^\t]*\t\([^\t]*\).*/\1/p'); do
			grep -Eq -e "--${option}[=[}]" "$file" ||
			    fail "zsh does not know $tool --$option"
		done
	done
}
