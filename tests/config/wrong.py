"""Wrong configurations: what it is, the words of the sample, what stands there instead, what is said."""

WRONG: list[tuple[str, str, str, list[str]]] = [
    (
        "unknown key",
        "instance: demo-a",
        "instance: demo-a\ncolour: green",
        ["5: colour: is not known here"],
    ),
    (
        "unknown cadence",
        "    cadence: bench               # gentle",
        "    cadence: quick               # gentle",
        ["70: paths.sas_om_ris.cadence: 'quick' is not one of bench, fast, gentle, standard"],
    ),
    (
        "unknown scenario",
        "scenario: om_or_ris_down",
        "scenario: om_down",
        [
            "68: paths.sas_om_ris.scenario: 'om_down' is not one of om_or_ris_down, pacs_down, "
            "total_outage"
        ],
    ),
    (
        "unlisted identity",
        'allowed: ["189001019802"]',
        'allowed: ["189001019810"]',
        [
            "21: identities.synthetic.number: is not in `identities.allowed` (its check digit is "
            "right: it may be a living person)"
        ],
    ),
    (
        "nobody to ring",
        '    call: "IT 619 00 (1, 1, 2)"\n',
        "",
        ["51: sites.halland.call: is missing"],
    ),
    (
        "port out of range",
        "      port: 22575",
        "      port: 225750",
        ["74: paths.sas_om_ris.send.port: 225750: input should be less than or equal to 65535"],
    ),
    (
        "unknown character set",
        'charset: "UNICODE UTF-8"',
        'charset: "UTF-8"',
        ["76: paths.sas_om_ris.send.charset: 'UTF-8' is not one of '8859/1', 'UNICODE UTF-8'"],
    ),
    (
        "unknown reader",
        "{kind: listener, port: 22581",
        "{kind: mirror, port: 22581",
        [
            "83: paths.sas_om_ris.readers.0: this: input tag 'mirror' found using 'kind' does not "
            "match any of the expected tags: 'listener', 'worklist', 'fhir', 'http', 'sql'"
        ],
    ),
    (
        "select that is none",
        '"SELECT placer, filler, status, text FROM orders WHERE placer IN :placers"',
        '"DELETE FROM orders"',
        [
            "112: paths.halland_vas_biztalk_ris.readers.1.select: must be one SELECT without a "
            "semicolon"
        ],
    ),
    (
        "http notice outside loopback",
        'url: "http://127.0.0.1:22580/hooks/tib_sas"',
        'url: "http://tib.example/hook"',
        [
            "127: notify.endpoints.0.url: must be https; http is for loopback in a test environment "
            "only"
        ],
    ),
    (
        "authority that is not there",
        "notify:\n",
        "notify:\n  ca_file: var/none.pem\n",
        ["121: notify.ca_file: there is no file {folder}/var/none.pem"],
    ),
    (
        "authority that is none",
        "notify:\n",
        "notify:\n  ca_file: remissvakt.yaml\n",
        [
            "121: notify.ca_file: {folder}/remissvakt.yaml holds no certificate of an authority (PEM)"
        ],
    ),
    (
        "missing secret",
        "secret_file: var/secrets/tib_sas",
        "secret_file: var/secrets/none",
        ["127: notify.endpoints.0.secret_file: there is no file {folder}/var/secrets/none"],
    ),
    (
        "time of day",
        'day_start: "07:30"',
        'day_start: "half past seven"',
        [
            "34: sites.sas.assumed_hours.day_start: 'half past seven' is not a time of day: write "
            'it as "15:30", in quotes'
        ],
    ),
    (
        "network with host bits",
        "read_networks: [127.0.0.0/8",
        "read_networks: [127.0.0.1/8",
        [
            "14: api.read_networks.0: '127.0.0.1/8' is not a network: write it as 10.20.30.0/24, "
            "with no host bits"
        ],
    ),
    (
        "open limit too low",
        "    normal_max_s: 10                   # in",
        "    open_limit: 3\n    normal_max_s: 10                   # in",
        [
            "71: paths.sas_om_ris.open_limit: 3 open orders cannot carry the evidence for an "
            "outage: 24.3 nats need at least 5"
        ],
    ),
    (
        "production with test numbers and bench",
        "environment: test",
        "environment: production",
        [
            "6: environment: production refuses to start with REMISSVAKT_TEST_ENVIRONMENT set: "
            "unset it, or say `test`",
            "21: identities.synthetic.number: needs `approval`: the reference of the region's "
            "written approval",
            "65: paths.sas_om_ris: needs `approval` in production: the written approval's reference",
            "70: paths.sas_om_ris.cadence: bench is refused unless the environment is test and "
            "REMISSVAKT_TEST_ENVIRONMENT is set",
            "91: paths.halland_vas_biztalk_ris: needs `approval` in production: the written "
            "approval's reference",
            "96: paths.halland_vas_biztalk_ris.cadence: bench is refused unless the environment is "
            "test and REMISSVAKT_TEST_ENVIRONMENT is set",
            "141: groups.sas_images.cadence: bench is refused unless the environment is test and "
            "REMISSVAKT_TEST_ENVIRONMENT is set",
        ],
    ),
    (
        "clinic on a path that is not there",
        "        path: halland_vas_biztalk_ris",
        "        path: halland",
        [
            "59: sites.halland.clinics.halmstad_emergency.path: 'halland' is not one of "
            "halland_vas_biztalk_ris, sas_images, sas_om_ris"
        ],
    ),
    (
        "a text too long for its field",
        "sending_facility: SAS",
        "sending_facility: SODRA ALVSBORGS SJUKHUS BORAS",
        [
            "72: paths.sas_om_ris.send: The order template does not fit HL7 2.5.1: The value "
            "SODRA ALVSBORGS SJUKHUS BORAS exceed the max length: 20"
        ],
    ),
    (
        "the duty officer has hours",
        "{id: tib_sas, role: duty_officer,",
        '{id: tib_sas, hours: {from: "07:00", to: "06:00"}, role: duty_officer,',
        [
            "127: notify.endpoints.0.hours: duty_officer must acknowledge, and is told at any hour; "
            "name other `events` for who only wants to know",
            "127: notify.endpoints.0.hours: must begin before they end, on one day",
        ],
    ),
    (
        "an anchor",
        "instance: demo-a",
        "instance: &name demo-a",
        ["4: anchors and aliases are not allowed; write it out"],
    ),
    (
        "not yaml",
        "sites:\n",
        "sites: [\n",
        ["30: this is not YAML: did not find expected ',' or ']'"],
    ),
    (
        "a daily drill on no path",
        "notify:\n",
        'notify:\n  daily_test: {at: "10:00", endpoints: [it], drill: sas}\n',
        ["121: notify.daily_test.drill: 'sas' is not one of halland_vas_biztalk_ris, sas_om_ris"],
    ),
    (
        "a key twice",
        "environment: test",
        "environment: test\nenvironment: test",
        ["7: 'environment' stands twice"],
    ),
]
