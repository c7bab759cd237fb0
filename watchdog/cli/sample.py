"""The commented configuration that `init` writes and the demo runs: SÄS and Halmstad, simulated."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from watchdog.cli import sample_sites


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What differs between the file of `init` and the one that the demo makes for itself."""

    om_port: int = 22575
    biztalk_port: int = 22576
    worklist_port: int = 22577
    hospital_http: int = 22580
    pacs_port: int = 22583
    look_every_s: float = 1
    ris_sql: str = "sqlite:///var/hospital/biztalk.sqlite"
    feedback_om: int = 22581
    feedback_biztalk: int = 22582
    api_port: int = 8080
    cadence: str = "bench"
    hold_off_s: float = 3
    database: str = "sqlite:///var/remissvakt.sqlite"
    secrets: str = "var/secrets"
    nodes: Mapping[str, int] | None = None
    """Ports of the systems of NÄL, Kronoberg and Sahlgrenska; None: those sites are left out."""


def of_hospital(described: dict[str, Any], **more: Any) -> Sample:
    """The values for a simulated hospital that runs, from its `describe()`; `more` goes first."""
    lanes = described["lanes"]
    found = Sample(
        om_port=lanes["om"]["engine"],
        biztalk_port=lanes["biztalk"]["engine"],
        worklist_port=lanes["om"]["worklist"]["port"],
        hospital_http=described["http"],
        pacs_port=described["pacs"]["port"],
        ris_sql=f"sqlite:///{lanes['biztalk']['sql']}",
    )
    return replace(found, **more)


HOOKS = (
    "tib_sas",
    "tib_halland",
    "it",
    "radiology_halmstad",
    "radiology_boras",
    *sample_sites.HOOKS,
)
"""The receivers of notices in the sample; each has a secret file of its name."""


def text(s: Sample) -> str:
    """The configuration file."""
    sites, groups, systems = ("", "", "")
    if s.nodes is not None:
        sites, groups, systems = sample_sites.text(s.nodes, s.look_every_s)
    endpoints = sample_sites.endpoints(s.hospital_http, s.secrets) if sites else ""
    told = "[sas, halland, nal, kronoberg, su]" if sites else "[sas, halland]"
    return f"""\
# Remissvakt: which paths are watched, how, and who is told.
# `remissvakt check` reads this file and says everything that is wrong with it.
schema: 1
instance: demo-a
# production refuses to start with REMISSVAKT_TEST_ENVIRONMENT set; test is for simulated hospitals.
environment: test
database: {s.database}
placer_key_file: var/placer.key        # made on first start; marks our order numbers as ours

api:
  host: 127.0.0.1
  port: {s.api_port}
  public_url: http://127.0.0.1:{s.api_port}
  read_networks: [127.0.0.0/8, "::1/128"]   # who may read the status without a key

# Synthetic orders carry this identity and no other. Here: a number that Skatteverket publishes for
# tests. In production: one reserve number issued by the region, with the approval's reference.
identities:
  allowed: ["189001019802"]
  synthetic:
    number: "189001019802"
    authority: personnummer
    family: ZZTEST
    given: REMISSVAKT
    born: "18900101"
    sex: O

sites:
  sas:
    name: {{sv: SÄS, en: SÄS}}
    hold_off_s: {s.hold_off_s:g}       # paper begins this long after the oldest missing order was sent (default 120)
    call: "Radiologin i Borås, tekniska frågor 033 616 21 00"   # whom the duty officer rings
    # clock times that the routine does not state; shown as assumed
    assumed_hours: {{day_start: "07:30", day_end: "16:30"}}
    clinics:
      boras_emergency:
        name: {{sv: "Akutmottagningen Borås", en: "Emergency department Borås"}}
        hsa_id: SE2321000131-E000000000001
        path: sas_om_ris
        unit: radiology_boras
        units: [radiology_skene, radiology_ulricehamn, nuclear_medicine]
        record_system: order_management
        reply_fax: "033-616 00 00"
      skene_ward:
        name: {{sv: "Vårdavdelning Skene", en: "Ward, Skene"}}
        hsa_id: SE2321000131-E000000000002
        path: sas_om_ris
        unit: radiology_skene
        units: [radiology_boras]
        record_system: order_management
  halland:
    name: {{sv: Halmstad, en: Halmstad}}
    hold_off_s: {s.hold_off_s:g}
    call: "IT 619 00 (1, 1, 2)"
    clinics:
      halmstad_emergency:
        name: {{sv: "Akutmottagningen Halmstad", en: "Emergency department Halmstad"}}
        hsa_id: SE2321000115-E000000000001
        path: halland_vas_biztalk_ris
        unit: halmstad_plan_2
        units: [movement]
        record_system: vas
{sites}
paths:
  sas_om_ris:
    site: sas
    name: {{sv: "OM till RIS, SÄS", en: "OM to RIS, SÄS"}}
    scenario: om_or_ris_down           # the chapter of the routine that applies when it breaks
    hops: [order_management, sectra_ris]
    cadence: {s.cadence}               # gentle (production's default), standard, fast; bench for simulations
    normal_max_s: 10                   # in which 99 of 100 orders arrive on a good day
    send:
      host: 127.0.0.1
      port: {s.om_port}
      message_type: "OMG^O19"
      charset: "UNICODE UTF-8"
      sending_application: OM
      sending_facility: SAS
      receiving_application: RIS
      receiving_facility: SAS
      code: WDTEST                     # a code that the RIS files apart
    readers:                           # proofs of arrival; the first one wins, all are recorded
      - {{kind: listener, port: {s.feedback_om}, peers: [127.0.0.0/8]}}
      - {{kind: worklist, host: 127.0.0.1, port: {s.worklist_port}, called_ae: RISWL, patient_id: "189001019802", station: DUMMY}}
    controls:                          # something that is not the path: are we blind?
      - {{host: 127.0.0.1, port: {s.hospital_http}}}
    coverage:
      entry_port: "OM, port for synthetic orders"
      sending_party: OM
      not_exercised: ["the record system's own sending", "Asynja"]
  halland_vas_biztalk_ris:
    site: halland
    name: {{sv: "VAS via BizTalk till RIS, Halmstad", en: "VAS through BizTalk to RIS, Halmstad"}}
    scenario: engine_down
    hops: [vas, biztalk, sectra_ris]
    cadence: {s.cadence}
    normal_max_s: 10
    send:
      host: 127.0.0.1
      port: {s.biztalk_port}
      message_type: "ORM^O01"
      charset: "8859/1"
      sending_application: VAS
      sending_facility: HALLAND
      receiving_application: RIS
      receiving_facility: HALLAND
      code: WDTEST
    readers:
      - {{kind: listener, port: {s.feedback_biztalk}, peers: [127.0.0.0/8]}}
      - kind: sql
        url: {s.ris_sql}
        select: "SELECT placer, filler, status, text FROM orders WHERE placer IN :placers"
    controls:
      - {{host: 127.0.0.1, port: {s.hospital_http}}}
    coverage:
      entry_port: "BizTalk, receive port of VAS"
      sending_party: VAS
      not_exercised: ["VAS itself"]

notify:
  # Webhooks go to these networks and ports only; https everywhere but in a test environment.
  allow:
    - {{network: 127.0.0.0/8, ports: [{s.hospital_http}]}}
  endpoints:
    # duty_officer is told when the advice changes; it when an outage is declared;
    # receiving_unit (man the fax) together with the duty officer.
    - {{id: tib_sas, role: duty_officer, url: "http://127.0.0.1:{s.hospital_http}/hooks/tib_sas", secret_file: {s.secrets}/tib_sas, sites: [sas]}}
    - {{id: tib_halland, role: duty_officer, url: "http://127.0.0.1:{s.hospital_http}/hooks/tib_halland", secret_file: {s.secrets}/tib_halland, sites: [halland]}}
    - {{id: it, role: it, url: "http://127.0.0.1:{s.hospital_http}/hooks/it", secret_file: {s.secrets}/it, sites: {told}}}
    - {{id: radiology_halmstad, role: receiving_unit, unit: halmstad_plan_2, url: "http://127.0.0.1:{s.hospital_http}/hooks/radiology_halmstad", secret_file: {s.secrets}/radiology_halmstad, sites: [halland]}}
    - {{id: radiology_boras, role: receiving_unit, unit: radiology_boras, url: "http://127.0.0.1:{s.hospital_http}/hooks/radiology_boras", secret_file: {s.secrets}/radiology_boras, sites: [sas]}}
{endpoints}  secrets_folder: {s.secrets}  # of webhooks that subscribe while the service runs

# Systems that together do one thing for clinics, watched by their probes alone: no order can test them.
groups:
  sas_images:
    site: sas
    name: {{sv: "Bilder, SÄS", en: "Images, SÄS"}}
    systems: [sectra_pacs, ids7_web]
    scenarios: [pacs_down]             # chapters of the routine that it answers for
    cadence: {s.cadence}
{groups}
# Every other system of a site: what it is, and how it is looked at. A look that `crosses` others
# shows that they work too. Their states say which scenario of the routine it is (`/v1/systems/sas`).
# Without a probe a system is unknown; kinds: tcp, web, mllp_connect, dicom_echo, dicom_find, dicom_store.
systems:
  order_management:
    site: sas
    name: {{sv: Order Management, en: Order Management}}
    probes:
      - {{kind: mllp_connect, host: 127.0.0.1, port: {s.om_port}, every_s: {s.look_every_s:g}}}
  sectra_ris:
    site: sas
    name: {{sv: Sectra RIS, en: Sectra RIS}}
    probes:
      - {{kind: dicom_echo, host: 127.0.0.1, port: {s.worklist_port}, called_ae: RISWL, every_s: {s.look_every_s:g}}}
  sectra_pacs:
    site: sas
    name: {{sv: Sectra PACS, en: Sectra PACS}}
    probes:
      - {{kind: dicom_echo, host: 127.0.0.1, port: {s.pacs_port}, called_ae: PACS, every_s: {s.look_every_s:g}}}
      - {{kind: dicom_find, host: 127.0.0.1, port: {s.pacs_port}, called_ae: PACS, study_uid: "1.2.826.0.1.3680043.10.1000.1", every_s: {s.look_every_s:g}}}
  ids7_web:
    site: sas
    name: {{sv: IDS7 webb, en: IDS7 web}}
    probes:
      - {{kind: web, url: "http://127.0.0.1:{s.hospital_http}/ids7", contains: IDS7, every_s: {s.look_every_s:g}}}
  asynja:
    site: sas
    name: {{sv: Asynja, en: Asynja}}
  vas:
    site: halland
    name: {{sv: VAS, en: VAS}}
  biztalk:
    site: halland
    name: {{sv: BizTalk, en: BizTalk}}
    probes:
      - {{kind: mllp_connect, host: 127.0.0.1, port: {s.biztalk_port}, every_s: {s.look_every_s:g}}}
{systems}"""
