# manual.bash - read our own manual pages (mdoc), as far as the tests need it

# The source of one section.
manual_section() { # page, section
	awk -v wanted="$2" '
	/^\.Sh / { on = substr($0, 5) == wanted; next }
	on' "$1"
}

# The options a page describes, as "-t, --timeout seconds": what stands in
# ".It Fl" lines anywhere in the page.
manual_options() { # page
	sed -n 's/^\.It Fl /Fl /p' "$1" | awk '
	{
		line = macro = ""
		glue = 1
		for (i = 1; i <= NF; i++) {
			if ($i == "Ns") {
				glue = 1
			} else if ($i == "Fl" || $i == "Ar" || $i == "Cm") {
				macro = $i
			} else {
				gap = glue || $i == "," ? "" : " "
				line = line gap (macro == "Fl" && $i != "," ? "-" : "") $i
				glue = 0
			}
		}
		print line
	}'
}

# The SYNOPSIS as text, one line for each form.
manual_synopsis() { # page
	mandoc -T utf8 -O width=1000 "$1" | col -bx |
	    sed -n '/^SYNOPSIS/,/^DESCRIPTION/p' | sed '1d;$d' |
	    sed 's/^ *//;s/  */ /g;/^$/d'
}

manual_sections_in_order() { # page
	local order='NAME SYNOPSIS DESCRIPTION INPUT OUTPUT ENVIRONMENT FILES
EXIT_STATUS EXAMPLES DIAGNOSTICS SEE_ALSO STANDARDS HISTORY CAVEATS BUGS'
	local required='NAME SYNOPSIS DESCRIPTION INPUT OUTPUT EXIT_STATUS EXAMPLES SEE_ALSO'
	local found name

	found=$(sed -n 's/^\.Sh //p' "$1" | tr ' ' '_')
	for name in $required; do
		grep -Fxq "$name" <<<"$found" || fail "$1: no section ${name/_/ }"
	done
	# Of the known ones, those that are there come in the known order.
	diff <(tr ' ' '\n' <<<"$order" | grep -Fxf <(printf '%s\n' "$found")) \
	    <(printf '%s\n' "$found" | grep -Fxf <(tr ' ' '\n' <<<"$order")) ||
	    fail "$1: sections out of order"
}

# Write each ".Bd -literal" block of EXAMPLES to DIR/example-N.sh and the
# status it is to end with to DIR/example-N.status; see contract.bats.
manual_examples() { # page, directory
	manual_section "$1" EXAMPLES | awk -v dir="$2" '
	/^\.\\" status [0-9]+$/ { status = $3 }
	/^\.Bd .*-literal/ {
		file = dir "/example-" ++n
		print status + 0 > (file ".status")
		printf "" > (file ".sh")
		status = 0
		on = 1
		next
	}
	/^\.Ed/ { on = 0 }
	on {
		gsub(/\\&/, "")
		gsub(/\\\(aq/, "\047")
		gsub(/\\\(dq/, "\"")
		gsub(/\\\(ti/, "~")
		gsub(/\\\(ha/, "^")
		gsub(/\\\(ga/, "`")
		gsub(/\\-/, "-")
		gsub(/\\e/, "\\")
		print > (file ".sh")
	}'
}
