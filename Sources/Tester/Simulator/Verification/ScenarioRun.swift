import Encoding
import Kit
import Posix
import Scenarios

/// A run of a scenario on a bench: performs the steps in time, and checks the expectations.
public struct ScenarioRun: Sendable {
  /// A step that could not be performed.
  public struct Failure: Error, CustomStringConvertible {
    /// Path of the scenario's file.
    public let file: String
    /// Line of the step, from 1.
    public let line: Int
    /// What happened.
    public let message: String
    /// File, line and message.
    public var description: String { "\(file):\(line): \(message)" }
  }

  private let scenario: Scenario
  /// Time of the first action.
  private var start = Monotonic.now
  private let bundles: [String: String]
  private let texts: [String: String]
  /// The English names of the languages, by tag.
  private let names: [String: String]
  /// Expectations about sound, which are checked after the run against the card's record.
  private var soundExpectations: [SoundExpectation] = []
  /// Results of the other expectations, which are checked at their step.
  private var checked: [(time: Monotonic, expected: ScenarioReport.Expected)] = []

  private struct SoundExpectation {
    /// Index of the press that it concerns.
    let press: Int
    let line: Int
    let expectation: Scenario.Expectation
    let within: Int?
  }

  /// Maximum seconds to wait for an expectation that is not about sound.
  private static let patience = 15

  /// Performs all steps. Blocks until the last one is done.
  ///
  /// - Parameters:
  ///   - scenario: the scenario, which has no findings for the bench's board and this kit.
  ///   - bench: a new bench.
  ///   - kit: the kit that the bench plays.
  ///   - progress: called after each step with the number done and the total.
  /// - Throws: ``Failure`` if a step cannot be performed.
  public init(
    _ scenario: Scenario, on bench: Bench, playing kit: KitFile,
    progress: (_ done: Int, _ all: Int) -> Void = { _, _ in }
  ) throws {
    self.scenario = scenario
    bundles = Dictionary(kit.bundles.map { ($0.tag, $0.autonym) }, uniquingKeysWith: { $1 })
    texts = Dictionary(kit.manifest.prompts.map { ($0.id, $0.text) }, uniquingKeysWith: { $1 })
    names = Dictionary(kit.bundles.map { ($0.tag, $0.english) }, uniquingKeysWith: { $1 })
    var last = Monotonic.now
    var actionTimes: [Monotonic] = []
    for (index, step) in scenario.steps.enumerated() {
      func fail(_ message: String) -> Failure { Failure(file: scenario.file, line: step.line, message: message) }
      do {
        switch step.action {
        case .press(let button, let person): try bench.press(button, by: person)
        case .hold(let button, let time): try bench.press(button, milliseconds: time)
        case .bounce(let button, let bounce): try bench.press(button, as: bounce)
        case .card(let event): try bench.change(event)
        case .wait(.milliseconds(let time)):
          last = last.adding(milliseconds: time)
          guard try bench.wait(until: last) else { throw fail("the card has stood still for 30 s") }
        case .wait(.end):
          guard try bench.waitForEnd() else { throw fail("nothing played within 30 s of the press") }
          last = .now
        case .expect(let expectation, let within):
          try expect(expectation, within, at: step.line, on: bench)
        }
      } catch let error as DaemonProcess.Failure { throw fail(error.message) }
      switch step.action {
      case .press, .hold, .bounce, .card:
        last = bench.lastAction ?? .now
        actionTimes.append(last)
      case .wait, .expect: break
      }
      if !bench.daemon.isRunning { throw fail("firstwordd ended: \(bench.daemon.log)") }
      progress(index + 1, scenario.steps.count)
    }
    start = actionTimes.first ?? start
  }

  private mutating func expect(
    _ expectation: Scenario.Expectation, _ within: Int?, at line: Int, on bench: Bench
  ) throws {
    func fail(_ message: String) -> Failure { Failure(file: scenario.file, line: line, message: message) }
    let since = bench.lastAction ?? Monotonic(nanoseconds: 0)
    var (found, met): (String, Bool)
    switch expectation {
    case .silence, .clip, .signal:
      guard !bench.presses.isEmpty else { throw fail("an expectation about sound needs a press before it") }
      soundExpectations.append(
        SoundExpectation(press: bench.presses.count - 1, line: line, expectation: expectation, within: within))
      return
    case .led(let name, let look):
      guard bench.lines.kind == .mounted else {
        throw fail("LEDs are not visible without /dev/fuse: run the test as root, or on a machine that has it")
      }
      guard let led = bench.board.leds.first(where: { $0.name == name }) else {
        throw fail("board \(bench.board.name) has no LED '\(name)'")
      }
      let pattern =
        switch look {
        case .pattern(let pattern): pattern
        case .state(let state): led.shows[state]
        }
      let trace = try bench.waitForLight(name, pattern, since: since, seconds: Self.patience)
      (found, met) = (trace.map { "it was \($0)" } ?? "it shows \(pattern.rawValue)", trace == nil)
    case .journal(let event, let language, let prompt, let detail):
      let deadline = Monotonic.now.adding(milliseconds: Self.patience * 1000)
      var lines: [Bench.JournalLine] = []
      var line: Bench.JournalLine?
      repeat {
        lines = try bench.journal(since: since)
        line = lines.first {
          $0.event == event && language ?? $0.language == $0.language && prompt ?? $0.prompt == $0.prompt
            && (detail == nil || $0.detail?.contains(detail ?? "") == true)
        }
        if line == nil { try bench.rest(until: .now.adding(milliseconds: 20)) }
      } while line == nil && Monotonic.now < deadline
      if let line {
        let time = Double(line.monotonic - since.nanoseconds) / 1e6
        // By the time in the journal, so a late check of the bench does not count.
        met = within.map { time <= Double($0) + (bench.presses.last?.waited ?? 0) } ?? true
        found = "\(time.tenths) ms after the step before"
      } else {
        met = false
        found = lines.isEmpty ? "no entry" : "only \(lines.map(\.event).joined(separator: ", "))"
      }
    case .volume(let decibels):
      met = try bench.waitForStatus(seconds: 5) { abs($0.speaker.volume - decibels) < 0.05 }
      found = try bench.client.ask(.status).status.map { "\($0.speaker.volume) dB" } ?? "nothing"
    }
    let expected = ScenarioReport.Expected(
      line: line, seconds: 0, expected: Self.name(expectation, within), found: found, met: met)
    checked.append((.now, expected))
  }

  // MARK: - The report

  /// Returns the report of the run.
  ///
  /// - Parameters:
  ///   - verdicts: one for each press of the bench.
  ///   - recording: the card's record.
  ///   - bench: the bench of the run.
  public func report(_ verdicts: [SoundVerifier.Verdict], _ recording: CardRecording, _ bench: Bench)
    -> ScenarioReport
  {
    let end = max(recording.now ?? start, bench.lastAction ?? start).adding(milliseconds: 200)
    let lamps = bench.board.leds.map { led in
      ScenarioReport.Lamp(
        name: led.name,
        changes: bench.lights(led.name).filter { $0.time < end }.map {
          .init(seconds: max(0, seconds($0.time)), lit: $0.isLit)
        })
    }
    let others = checked.map { time, expected in
      var expected = expected
      expected.seconds = seconds(time)
      return expected
    }
    return ScenarioReport(
      name: scenario.name, file: scenario.file, seconds: seconds(end), rows: verdicts.map(row),
      expectations: (others + soundExpectations.map { check($0, verdicts[$0.press]) }).sorted { $0.line < $1.line },
      acts: bench.cardActions.map { .init(seconds: seconds($0.time), what: $0.event.rawValue) }, lamps: lamps,
      loudness: Self.loudness(recording.samples(from: start, to: end)))
  }

  private func seconds(_ time: Monotonic) -> Double { (Double(time.since(start)) / 1e6).rounded() / 1e3 }

  private static func loudness(_ samples: [Int16]) -> [Float] {
    stride(from: 0, to: samples.count, by: 480).map { begin in
      let peak = samples[begin..<min(samples.count, begin + 480)].reduce(0) { max($0, abs(Int($1))) }
      return peak > 1 ? Float(peak) / 32_768 : 0
    }
  }

  private func row(_ verdict: SoundVerifier.Verdict) -> TimelineRow {
    var row = TimelineRow(
      seconds: seconds(verdict.time), button: verdict.button.description, milliseconds: verdict.milliseconds,
      waited: verdict.waited, outcome: Self.outcome(verdict.heard), faults: verdict.faults,
      then: verdict.then.map(following))
    switch verdict.heard {
    case .clip(let language, let prompt, _, _):
      (row.language, row.autonym, row.prompt, row.text) = (
        language, bundles[language], prompt, english(prompt, in: language)
      )
    case .signal, .unknown, .silence: break
    }
    if let moment = verdict.moment, let end = verdict.end { row.sounded = [seconds(moment), seconds(end)] }
    return row
  }

  /// Returns what a message says, in English. A language's name is not that of the source language.
  private func english(_ prompt: String, in language: String) -> String? {
    prompt == KitPrompt.languageName ? names[language] : texts[prompt]
  }

  private func following(_ sound: SoundVerifier.Sound) -> TimelineRow.Then {
    var row = TimelineRow.Then(
      what: Self.name(sound.heard), outcome: Self.outcome(sound.heard),
      sounded: [seconds(sound.moment), seconds(sound.end)])
    if case .clip(let language, let prompt, _, _) = sound.heard {
      (row.autonym, row.prompt, row.text) = (bundles[language], prompt, english(prompt, in: language))
    }
    return row
  }

  private func check(
    _ it: SoundExpectation, _ verdict: SoundVerifier.Verdict
  ) -> ScenarioReport.Expected {
    // All sounds after the press, and the expected one among them.
    let sounds = verdict.sounds
    let right = sounds.first { Self.fits(it.expectation, $0.heard) }
    let isRight = it.expectation == .silence ? verdict.heard == .silence : right != nil
    let moment = right?.moment ?? verdict.moment
    let time = moment.map { Double($0.since(verdict.time)) / 1e6 }
    let isLate = it.within.map { (time ?? 0) > Double($0) + verdict.waited } ?? false
    let names =
      sounds.isEmpty ? Self.name(verdict.heard) : sounds.map { Self.name($0.heard) }.joined(separator: ", then ")
    var found = "heard \(right.map { Self.name($0.heard) } ?? names)"
    if let milliseconds = time {
      let what = verdict.heard == .silence ? "until" : "from"
      found += " \(what) \(milliseconds.tenths) ms after \(it.press + 1). press '\(verdict.button)'"
      if verdict.waited >= 1 { found += " (of which \(verdict.waited.tenths) ms waiting for a processor)" }
      if let moment { found += ", at \(seconds(moment).tenths) s" }
    } else {
      found += " after \(it.press + 1). press '\(verdict.button)' at \(seconds(verdict.time).tenths) s"
    }
    return .init(
      line: it.line, seconds: seconds(moment ?? verdict.time),
      expected: Self.name(it.expectation, it.within), found: found, met: isRight && !isLate, press: it.press)
  }

  private static func fits(_ expected: Scenario.Expectation, _ heard: SoundVerifier.Heard) -> Bool {
    switch (expected, heard) {
    case (.clip(let language, let prompt, let outcome), .clip(let tag, let id, _, let completed)):
      language == tag && prompt == id && (outcome == .completed) == completed
    case (.signal(let wanted), .signal(let heard)): wanted == heard
    default: false
    }
  }

  // MARK: - Words

  private static func outcome(_ heard: SoundVerifier.Heard) -> String {
    switch heard {
    case .silence: "silent"
    case .unknown: "unknown sound"
    case .signal(let signal): "signal \(signal.rawValue)"
    case .clip(_, _, _, completed: true): "completed"
    case .clip(_, _, let frames, completed: false):
      "stopped after \(frames / 48_000).\(frames / 4_800 % 10) s"
    }
  }

  /// Returns the words for a sound: `ro safe-here completed`.
  static func name(_ heard: SoundVerifier.Heard) -> String {
    switch heard {
    case .clip(let language, let prompt, _, _): "\(language) \(prompt) \(outcome(heard))"
    case .silence: "silence"
    case .signal, .unknown: outcome(heard)
    }
  }

  private static func name(_ expected: Scenario.Expectation, _ within: Int?) -> String {
    let what =
      switch expected {
      case .silence: "silence"
      case .clip(let language, let prompt, let outcome): "\(language) \(prompt) \(outcome.rawValue)"
      case .signal(let signal): "signal \(signal.rawValue)"
      case .led(let name, .pattern(let pattern)): "LED \(name) shows \(pattern.rawValue)"
      case .led(let name, .state(let state)): "LED \(name) shows \(state.rawValue)"
      case .journal(let event, let language, let prompt, let detail):
        "journal " + ([event] + [language, prompt, detail].compactMap { $0 }).joined(separator: " ")
      case .volume(let decibels): "volume \(decibels) dB"
      }
    return within.map { "\(what) within \($0) ms" } ?? what
  }
}
