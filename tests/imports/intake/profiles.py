"""Profiles of organisations that do not exist, each in another style than the source documents."""

MARKDOWN = """\
# Harbour Institute for Digital Trust (HIDT)

- **Acronym:** HIDT
- **Established:** 2011
- **Address:** Kanalgatan 14, 211 40 Malmö, Sweden
- **Website:** https://harbour-institute.example
- **Stakeholder group:** Civil society

The Harbour Institute for Digital Trust is an independent non-profit organisation that works with
municipalities around the Baltic Sea.

## Digital policy issues

### Privacy and data protection

**Lantern** is a free self-assessment tool for small municipalities. It takes 40 minutes and has been
used by more than 310 town halls since 2019.

The institute runs the **Data Stewards Programme**, launched in 2016 in partnership with the Norrland
University and funded by the Tidewater Fund. The programme has trained 1,450 officials.

### Child online protection

Its *Quiet Streams* project, hosted by the Riga Youth Council, ended in 2022.

### Capacity building

- **Privacy by Design for Clerks** – a six-week online course for civil servants. Participants receive
  a certificate of completion. The fee is EUR 250.
- **Summer Lab on Municipal AI** – a five-day workshop held every year for policymakers.
"""

HTML = """\
<!doctype html><html lang="en"><head><meta charset="utf-8"><title>About</title>
<style>p{color:red}</style><script>var course = "The Evil Course";</script></head><body>
<nav><ul><li>The Menu Programme</li></ul></nav>
<h1>Andes Network Operators School</h1>
<table><tr><th>Acronym</th><td>ANOS</td></tr><tr><th>Established</th><td>2004</td></tr>
<tr><th>Address</th><td>Av. Arce 2100, La Paz, Bolivia</td></tr>
<tr><th>Website</th><td><a href="https://anos.example">anos.example</a></td></tr>
<tr><th>Stakeholder group</th><td>Technical community</td></tr></table>
<p>The Andes Network Operators School (ANOS) is a non-profit association of engineers based in La Paz.
ANOS trains network operators in eleven countries.</p>
<h2>Network security</h2>
<p>ANOS operates the <a href="https://anos.example/condor">Condor Incident Exchange Platform</a>, a
platform on which 84 operators share warnings. In 2015, the school launched the <b>Puna Fellowship</b>,
a nine-month fellowship for young engineers with the support of the Altiplano Foundation.</p>
<h2>Internet infrastructure</h2>
<p>The &ldquo;Routes without Borders&rdquo; initiative brings together exchange points. The initiative
is co-led with the Pacific Peering Association (PPA).</p>
<p>Courses include Routing Basics for Villages, Secure DNS in Practice, and Spectrum for Community
Networks.</p>
</body></html>
"""

TWO_PROFILES = """\
The Meridian Council on Cyber Resilience (MCCR) is an intergovernmental organisation established in
1998 and based in Nairobi, Kenya. The MCCR helps states to prepare for incidents.
Digital activities
Cybersecurity
The MCCR runs the Savannah Drill, an annual cyber exercise for 26 national teams.
The MCCR hosts the ‘Open Doors’ programme, which places officials in the teams of other countries for three months. The programme is funded by the Bank for Southern Cooperation.
Capacity development
The MCCR offers training for diplomats and regulators. Its flagship course is Norms in Everyday Practice.
The Willow Centre for Media Literacy is a foundation under Dutch law. The Willow Centre works with journalists and teachers.
Digital activities
Content policy
The Willow Centre created the Fact Garden toolkit in 2020 for teachers in primary schools.
The Willow Centre is a partner of the Newsroom Safety Alliance, a network of 45 newsrooms.
Online education
In 2021, the Willow Centre launched the Reading Between Pixels MOOC, a free online course of five weeks.
"""

FRENCH = """\
# Observatoire ouest-africain du numérique (OOAN)

L’Observatoire ouest-africain du numérique (OOAN) est une organisation non gouvernementale créée en 2009.

## Gouvernance des données

L’OOAN anime le Programme d’appui à la gouvernance des données publiques (PAGDP), lancé en 2018 en partenariat avec l’Université de Thiès. Le programme a formé plus de 600 agents.

## Renforcement des capacités

La formation « Cartes ouvertes pour les communes » dure quatre semaines.

Le projet Baobab Connect est financé par la Fondation Harmattan.
"""
