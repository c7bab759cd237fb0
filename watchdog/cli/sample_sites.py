"""NÄL, Kronoberg and Sahlgrenska for a configuration of all five sites: systems, groups, clinics."""

from collections.abc import Mapping


def text(ports: Mapping[str, int], every_s: float) -> tuple[str, str, str]:
    """(sites, groups, systems) to be put into the sample; `ports` by the name of the system."""

    def echo(name: str, *crosses: str) -> str:
        over = f", crosses: [{', '.join(crosses)}]" if crosses else ""
        return (
            f"{{kind: dicom_echo, host: 127.0.0.1, port: {ports[name]}, "
            f"called_ae: {name[:16].upper()}, every_s: {every_s:g}{over}}}"
        )

    def web(name: str, more: str = "") -> str:
        url = f'"http://127.0.0.1:{ports[name]}/"'
        return f"{{kind: web, url: {url}, every_s: {every_s:g}{more}}}"

    def system(name: str, site: str, swedish: str, *probes: str) -> str:
        looks = "".join(f"\n      - {probe}" for probe in probes)
        also = STANDS_FOR.get(name, "")
        is_ = f"    stands_for: {also}\n" if also else ""
        return (
            f'  {name}:\n    site: {site}\n    name: {{sv: "{swedish}", en: "{swedish}"}}\n'
            f"{is_}    probes:{looks}\n"
        )

    read_only = ', read_only: "läsläge"'
    systems = "".join(
        [
            system("nal_ris", "nal", "Sectra RIS", web("nal_ris")),
            system("nal_pacs", "nal", "Sectra PACS", web("nal_pacs")),
            *(
                system(name, "nal", swedish, echo(name))
                for name, swedish in (
                    ("mei", "MEI"),
                    ("image_transfer", "Bildöverföringen"),
                    ("syngo_via", "Syngo.via"),
                    ("bfr", "BFR"),
                )
            ),
            system("network", "kronoberg", "Nät och Sjunet", web("network")),
            *(
                system(name, "kronoberg", swedish, echo(name))
                for name, swedish in (
                    ("gateway_z97117", "Länkdator Z97117"),
                    ("gateway_z83680", "Länkdator Z83680"),
                    ("inbound", "Bilder in"),
                )
            ),
            *(
                system(name, "kronoberg", swedish, echo(name, "network"))
                for name, swedish in (
                    ("skane", "Region Skåne"),
                    ("blekinge", "Blekinge"),
                    ("halland", "Halland"),
                    ("jonkoping", "Jönköping"),
                )
            ),
            system("melior", "su", "Melior", web("melior", read_only)),
            system("picsara", "su", "Picsara", web("picsara")),
        ]
    )
    return SITES, GROUPS, systems


HOOKS = ("radiology_nal", "radiology_kronoberg", "picsara_su")
_UNITS = {
    "radiology_nal": ("nal", "nal_radiology"),
    "radiology_kronoberg": ("kronoberg", "radiology_ljungby"),
    "picsara_su": ("su", "picsara_management"),
}


def endpoints(hospital_http: int, secrets: str) -> str:
    """The receiving units that are told."""
    return "".join(
        f"    - {{id: {name}, role: receiving_unit, unit: {unit}, "
        f'url: "http://127.0.0.1:{hospital_http}/hooks/{name}", '
        f"secret_file: {secrets}/{name}, sites: [{site}]}}\n"
        for name, (site, unit) in _UNITS.items()
    )


STANDS_FOR = {"nal_ris": "sectra_ris", "nal_pacs": "sectra_pacs"}
SITES = """\
  nal:
    name: {sv: NÄL, en: NÄL}
    call: "RIS-administratörerna, NÄL (numret på larmkortet)"
    hold_off_s: 0
    clinics:
      nal_emergency:
        name: {sv: "Akutmottagningen NÄL", en: "Emergency department NÄL"}
        hsa_id: SE2321000131-E000000000003
        path: nal_external_reading
        unit: nal_radiology
        record_system: order_management
  kronoberg:
    name: {sv: Kronoberg, en: Kronoberg}
    call: "PACS-administratören, Kronoberg (numret på larmkortet)"
    hold_off_s: 0
    clinics:
      ljungby_emergency:
        name: {sv: "Akutmottagningen Ljungby", en: "Emergency department Ljungby"}
        hsa_id: SE2321000065-E000000000001
        path: kronoberg_image_transfer
        unit: radiology_ljungby
        units: [radiology_vaxjo]
        record_system: other
  su:
    name: {sv: Sahlgrenska, en: Sahlgrenska}
    call: "IT-jouren, Sahlgrenska (numret på larmkortet)"
    hold_off_s: 0
    clinics:
      su_dermatology:
        name: {sv: "Hudmottagningen SU", en: "Dermatology, SU"}
        hsa_id: SE2321000131-E000000000004
        path: su_picsara
        unit: picsara_management
        record_system: melior
"""
GROUPS = """\
  nal_external_reading:
    site: nal
    name: {sv: "Extern granskning, NÄL", en: "External reading, NÄL"}
    systems: [nal_ris, nal_pacs, mei, image_transfer]
    scenarios: [ris_or_mei_down, image_transfer_down]
    cadence: bench
  kronoberg_image_transfer:
    site: kronoberg
    name: {sv: "Bildöverföring, Kronoberg", en: "Image transfer, Kronoberg"}
    systems: [gateway_z97117, gateway_z83680, network, skane, inbound]
    scenarios: [outbound_z97117_down, outbound_z83680_down, outbound_skane_cannot_receive, inbound_down]
    cadence: bench
  su_picsara:
    site: su
    name: {sv: "Picsara, SU", en: "Picsara, SU"}
    systems: [melior, picsara]
    scenarios: [melior_down, picsara_down, melior_read_only]
    cadence: bench
"""
