import Testing

@testable import Pages

@Suite struct TestPageTests {
  private func page(failures: [String] = []) -> String {
    let lanes: [TestPage.Lane] = [
      .init("presses", [.init(.press, from: 0.5, label: "next & on"), .init(.press, from: 12.5, label: "stop")]),
      .init("sound", [.init(.clip, from: 0.6, to: 11.2, label: "ro safe-here", detail: "41 ms after the press")]),
      .init("expected", [.init(failures.isEmpty ? .met : .missed, from: 0.6, label: "✗ bg")]),
    ]
    return TestPage(
      name: "trial 1.0", facts: ["board headless"], isDraft: true,
      scenarios: [
        .init(
          name: "one", file: "one.yaml", seconds: 12.6, lanes: lanes, loudness: [0, 0.25, 1], failures: failures,
          rows: [["0.5", "next", "", "", "41.0", "completed", "<words>"]], met: ["line 3: silence"])
      ],
      tables: [
        .init(name: "Clips", extent: "2 clips", heads: ["language"], rows: [(["ro"], []), (["bg"], ["too soft"])])
      ]
    ).page.document
  }

  @Test("presses, sound, waveform and expectations are drawn over time, in strips of ten seconds")
  func picture() {
    let document = page()
    #expect(xmlFault(document) == nil)
    #expect(document.split(separator: "<svg").count == 3)
    for text in ["next &amp; on", "41 ms after the press", "ro safe-here", ">12 s<", "&lt;words&gt;", "class=\"wave\""]
    {
      #expect(document.contains(text), "\(text)")
    }
  }

  @Test("failures come first, in tables too; the page loads nothing and has no script")
  func failures() {
    let document = page(failures: ["one.yaml:3: expected silence"])
    #expect(xmlFault(document) == nil)
    #expect(document.contains("✗ 2 failed."))
    #expect(document.contains("<li>✗ one.yaml:3: expected silence</li>"))
    #expect(document.contains("too soft"))
    for word in ["http:", "https:", "src=\"", "<link", "@import", "url(", "<script"] {
      #expect(!document.contains(word))
    }
  }
}

@Suite("Test Anything Protocol")
struct TAPTests {
  @Test("a plan, a subtest for each suite, and a block of YAML for what is wrong; no text can break out of its line")
  func document() {
    let suites = [
      JUnit.Suite(
        name: "a # b",
        cases: [
          .init(name: "one", group: "g", remarks: ["41 ms"]),
          .init(name: "two\nlines", group: "g", failures: ["\"quoted\" \\ and\nmore", "second"], code: "c"),
        ]), JUnit.Suite(name: "good", cases: []),
    ]
    #expect(
      TAP(suites).document == """
        TAP version 14
        1..2
        # Subtest: a \\# b
            1..2
            ok 1 - g: one
            # 41 ms
            not ok 2 - g: two lines
              ---
              message: "\\"quoted\\" \\\\ and\\nmore"
              others:
                - "second"
              ...
        not ok 1 - a \\# b
        # Subtest: good
            1..0
        ok 2 - good

        """)
  }
}
