# fish completion for rs-whoami, made by completions/generate
complete -c rs-whoami -f
complete -c rs-whoami -l no-call -d 'do not ask AWS whose the credentials are'
complete -c rs-whoami -l region -x -d 'AWS region'
complete -c rs-whoami -l profile -x -d 'profile of the AWS configuration'
complete -c rs-whoami -l endpoint-url -x -d 'send every request there'
complete -c rs-whoami -l ca-bundle -r -F -d 'certificates to trust'
complete -c rs-whoami -l connect-timeout -x -d 'for each connection (60s; 0: none)'
complete -c rs-whoami -l read-timeout -x -d 'for each answer (60s; 0: none)'
complete -c rs-whoami -s v -l verbose -d 'say what is being done'
complete -c rs-whoami -l debug -d 'show requests and answers, secrets masked'
complete -c rs-whoami -s h -l help -d 'show the options and exit'
complete -c rs-whoami -s V -l version -d 'show the version and exit'
