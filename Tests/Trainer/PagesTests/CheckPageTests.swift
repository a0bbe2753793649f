import FoundationEssentials
import Testing

@testable import Pages

@Suite("The page of the check")
struct CheckPageTests {
  private let arabic = TextLanguage(tag: "ar", script: "Arab", direction: .rtl)
  private let column = CheckPage.Column(number: 3, id: "safe-here", title: "Safe & here")

  private func page(_ change: (inout CheckPage.Clip) -> Void = { _ in }, remarks: [CheckPage.Remark] = []) -> String {
    var clip = CheckPage.Clip(
      language: arabic, column: column, voice: "f1", path: "recordings/ar/f1/03.wav", text: "أنت هنا",
      back: "You are here",
      figures: [("loudness", "−21.5 LUFS")], peaks: [0, 0.25, 1, 0.5], spoken: 0.25..<0.75,
      sound: [0x4F, 0x67, 0x67, 0x53],
      remarks: [.init(.warning, code: "noisy", message: "noise", remedy: "hush", measure: "(12 dB; threshold 20)")])
    change(&clip)
    return CheckPage(
      name: "trial 1.0", extent: "1 recording",
      columns: [
        column, CheckPage.Column(number: 4, id: "who-we-are", title: "Who"), .init(number: 101, id: "d", title: "D"),
      ],
      rows: [CheckPage.Row(language: arabic, english: "Arabic", autonym: "العربية", marks: [.warning, .missing, nil])],
      clips: [clip], remarks: remarks
    ).page.document
  }

  @Test("shows the text in its direction, waveform, figures, findings and remedies")
  func whole() {
    let document = page()
    #expect(xmlFault(document) == nil)
    #expect(document.contains("<p lang=\"ar\" dir=\"rtl\""))
    for text in ["أنت هنا", "You are here", "−21.5 LUFS", "noise", "hush", "(12 dB; threshold 20)", "noisy"] {
      #expect(document.contains(">\(text)<") || document.contains(text), "\(text)")
    }
    // Heights are square roots of the peaks; a rectangle marks the speech.
    #expect(document.contains("M1 23v2M3 12v24M5 1v46M7 8v32"))
    #expect(document.contains("<rect x=\"2\" width=\"4\""))
  }

  @Test("holds all audio and loads nothing")
  func sound() {
    let document = page()
    #expect(document.contains("data-sound=\"T2dnUw==\""))
    for word in ["http:", "https:", "src=\"", "<link", "@import", "url("] {
      #expect(!document.contains(word), "\(word)")
    }
    #expect(!page { $0.sound = [] }.contains("data-sound=\""))
    #expect(!page { $0.peaks = [] }.contains("<svg"))
  }

  @Test("has a cell for each language and prompt, with symbol, title, colour and a link to the recording")
  func matrix() {
    let document = page()
    #expect(
      document.contains(
        "<td class=\"warning\"><a href=\"#ar-3\" title=\"Arabic, 3 safe-here: listen to it\">!</a></td>"))
    #expect(document.contains("id=\"ar-3\""))
    #expect(document.contains("<td class=\"missing\" title=\"Arabic, 4 who-we-are: missing\">–</td><td></td>"))
    #expect(document.contains("title=\"safe-here: Safe &amp; here\""))
    let symbols = CheckPage.Mark.allCases.map(\.symbol)
    #expect(Set(symbols).count == symbols.count)
  }

  @Test("escapes hostile file names")
  func hostile() {
    let document = page(
      { $0.path = "<script>\u{1B}\"&'" },
      remarks: [.init(.error, code: "stray", place: "<b>", message: "m", remedy: "r")])
    #expect(xmlFault(document) == nil)
    #expect(document.contains("&lt;script&gt;\u{FFFD}&quot;&amp;'"))
    #expect(document.contains("&lt;b&gt;"))
  }
}

@Suite("JUnit's XML")
struct JUnitTests {
  @Test("counts cases and failures, and escapes their texts")
  func document() {
    let document = JUnit(
      name: "trial 1.0",
      suites: [
        .init(
          name: "ro",
          cases: [
            .init(name: "03-safe-here", group: "ro.f1", length: 2.25, remarks: ["a <note>"]),
            .init(name: "04", group: "ro.f1", length: 1, failures: ["one & \"two\"", "three"], code: "clipped"),
          ]), .init(name: "bg", cases: [.init(name: "03-safe-here", group: "bg")]),
      ]
    ).document
    #expect(xmlFault(document) == nil)
    #expect(
      document == """
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites name="trial 1.0" tests="3" failures="1" errors="0" time="3.25">
        <testsuite name="ro" tests="2" failures="1" errors="0" time="3.25" skipped="0">
        <testcase name="03-safe-here" classname="ro.f1" time="2.25">
        <system-out>a &lt;note&gt;</system-out>
        </testcase>
        <testcase name="04" classname="ro.f1" time="1.00">
        <failure type="clipped" message="one &amp; &quot;two&quot;">one &amp; &quot;two&quot;
        three</failure>
        </testcase>
        </testsuite>
        <testsuite name="bg" tests="1" failures="0" errors="0" time="0.00" skipped="0">
        <testcase name="03-safe-here" classname="bg" time="0.00">
        </testcase>
        </testsuite>
        </testsuites>

        """)
  }
}
