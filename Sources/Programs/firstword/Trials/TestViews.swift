import Board
import Diagnostics
import Encoding
import Kit
import Pages
import Simulator

/// The result of a test: encoded for `--json`, and converted to the page, JUnit and TAP.
struct TestReport: Encodable {
  /// Name of the kit.
  var kit: String
  /// Version of the kit.
  var version: String
  /// Whether the kit is a draft.
  var draft: Bool
  /// Name of the board.
  var board: String
  /// Whether the test passed.
  var good: Bool
  /// One for each scenario.
  var scenarios: [ScenarioReport]
  /// One for each clip, without scenarios.
  var clips: [ClipResult]
  /// One for each language, without scenarios.
  var languages: [LanguageResult]
  /// How long the test took.
  var seconds: Double

  init(_ kit: KitFile, _ board: Board) {
    self.kit = kit.manifest.name
    version = kit.manifest.version
    draft = kit.manifest.draft
    self.board = board.name
    (good, scenarios, clips, languages, seconds) = (true, [], [], [], 0)
  }

  /// Sets the verdict and the time.
  mutating func conclude(after seconds: Double) {
    self.seconds = seconds.roundedToTenths
    good =
      scenarios.allSatisfy(\.isGood) && clips.allSatisfy(\.faults.isEmpty) && languages.allSatisfy(\.faults.isEmpty)
  }

  var name: String { "\(kit) \(version)" }

  // MARK: - For continuous integration

  var suites: [JUnit.Suite] {
    var suites = scenarios.map { performance in
      JUnit.Suite(name: performance.name, cases: performance.cases)
    }
    for (language, clips) in Dictionary(grouping: clips, by: \.language).sorted(by: { $0.key < $1.key }) {
      suites.append(
        JUnit.Suite(
          name: "clips of \(language)",
          cases: clips.map {
            .init(
              name: $0.prompt, group: "\(language).\($0.voice)", length: $0.seconds, failures: $0.faults, code: "clip")
          }))
    }
    if !languages.isEmpty {
      suites.append(
        JUnit.Suite(
          name: "walk through the languages",
          cases: languages.map {
            .init(name: "\($0.language) plays its name, and stops", group: "walk", failures: $0.faults, code: "walk")
          }))
    }
    return suites
  }

  var junit: JUnit { JUnit(name: name, suites: suites) }

  // MARK: - The page

  var page: TestPage {
    var tables: [TestPage.Table] = []
    if !clips.isEmpty {
      let seconds = Int(clips.reduce(0) { $0 + $1.seconds })
      tables.append(
        .init(
          name: "Clips", extent: "\(counted(clips.count, "clip")), \(seconds) s: hash, decode, libasound, level, onset",
          heads: ["language", "prompt", "voice", "s", "LUFS", "dBTP", "onset ms"],
          rows: clips.map {
            let figures = [$0.seconds, $0.loudness, $0.peak, $0.onset].map { $0.map(\.tenths) ?? "" }
            return ([$0.language, $0.prompt, $0.voice] + figures, $0.faults)
          }))
    }
    if !languages.isEmpty {
      tables.append(
        .init(
          name: "Walk through the languages",
          extent: "next-language until its own name was played, a message, stop; from the frames that left the card",
          heads: ["language", "name", "stopped in", "speed"],
          rows: languages.map { ([$0.language, $0.autonym, $0.stopped ?? "", "\($0.speed)×"], $0.faults) }))
    }
    return TestPage(
      name: name, facts: ["board \(board)", "took \(seconds.tenths) s"], isDraft: draft,
      scenarios: scenarios.map(\.view), tables: tables)
  }
}

extension ScenarioReport {
  /// What is wrong, one line each; expectations that were not met have file and line.
  var failures: [String] {
    expectations.filter { !$0.met }.map { "\(file):\($0.line): expected \($0.expected), \($0.found)" }
      + rows.enumerated().flatMap { number, row in
        row.faults.map { "\(file): \(number + 1). press '\(row.button)' at \(row.seconds.tenths) s: \($0)" }
      }
  }

  var cases: [JUnit.Case] {
    let expected = expectations.map { each in
      let remark = "\(each.found), at \(each.seconds.tenths) s"
      return JUnit.Case(
        name: "line \(each.line): \(each.expected)", group: file,
        failures: each.met ? [] : ["\(file):\(each.line): expected \(each.expected), \(each.found)"],
        code: "expectation", remarks: each.met ? [remark] : [])
    }
    let sounds = rows.enumerated().map { number, row in
      JUnit.Case(
        name: "\(number + 1). press \(row.button) sounds clean", group: file,
        length: row.sounded.map { $0[1] - $0[0] } ?? 0, failures: row.faults, code: "sound")
    }
    return expected + sounds
  }

  var view: TestPage.Scenario {
    var lanes = [
      TestPage.Lane(
        "presses",
        rows.map { .init(.press, from: $0.seconds, label: $0.button, detail: "\($0.button) at \($0.seconds) s") }),
      TestPage.Lane("sound", rows.flatMap(\.bars)),
    ]
    if !acts.isEmpty {
      lanes.append(.init("card", acts.map { .init(.fault, from: $0.seconds, label: $0.what) }))
    }
    lanes += lamps.map { lamp in .init(lamp.name, lamp.marks(until: seconds)) }
    lanes.append(
      .init(
        "expected",
        expectations.sorted { $0.seconds < $1.seconds }.map { each in
          .init(
            each.met ? .met : .missed, from: each.seconds, label: each.met ? "✓" : "✗ \(each.expected)",
            detail: "line \(each.line): \(each.expected): \(each.found)")
        }))
    return TestPage.Scenario(
      name: name, file: file, seconds: seconds, lanes: lanes, loudness: loudness, failures: failures,
      rows: rows.map(\.cells), met: expectations.filter(\.met).map { "line \($0.line): \($0.expected): \($0.found)" })
  }
}

extension ScenarioReport.Lamp {
  fileprivate func marks(until end: Double) -> [TestPage.Mark] {
    changes.enumerated().compactMap { index, change in
      guard change.lit else { return nil }
      let until = index + 1 < changes.count ? changes[index + 1].seconds : end
      return .init(.light, from: change.seconds, to: until, detail: "\(name) lit from \(change.seconds) s")
    }
  }
}

extension TimelineRow.Then {
  /// The row's cells, in the columns of `TimelineRow.cells`; there is no button.
  var cells: [String] { [sounded[0].tenths, "", autonym ?? "", prompt ?? "", "", outcome, text ?? ""] }
}

extension TimelineRow {
  /// The row's cells: time, button, language, prompt, milliseconds, outcome, words.
  var cells: [String] {
    [
      seconds.tenths, button, autonym ?? "", prompt ?? "", milliseconds.map(\.tenths) ?? "",
      ([outcome] + then.map(\.what)).joined(separator: ", then "), text ?? "",
    ]
  }

  /// The cells of the first sound, without those that followed.
  var firstCells: [String] {
    var row = self
    row.then = []
    return row.cells
  }

  fileprivate var bars: [TestPage.Mark] {
    guard let sounded else { return [] }
    let what = [language, prompt].compactMap { $0 }.joined(separator: " ")
    let late = milliseconds.map { ", \($0.tenths) ms after the press" } ?? ""
    let kind: TestPage.Mark.Kind =
      prompt != nil ? .clip : outcome == "unknown sound" ? .unknown : .signal
    let first = TestPage.Mark(
      kind, from: sounded[0], to: sounded[1], label: what.isEmpty ? outcome : what,
      detail: "\(what.isEmpty ? "" : "\(what), ")\(outcome), from \(sounded[0]) s to \(sounded[1]) s\(late)")
    return [first]
      + then.map { .init(.clip, from: $0.sounded[0], to: $0.sounded[1], label: $0.what, detail: $0.what) }
  }
}
