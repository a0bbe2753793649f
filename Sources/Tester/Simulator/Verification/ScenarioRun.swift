import Buttons
import Kit
import Panel
import Posix
import Scenarios

/// A scenario, done on a bench: its steps in time, and what is expected of each.
public struct ScenarioRun: Sendable {
  public struct Failure: Error, CustomStringConvertible {
    public let file: String
    public let line: Int
    public let message: String
    public var description: String { "\(file):\(line): \(message)" }
  }

  private let scenario: Scenario
  /// Of the first thing that was done.
  private var start = Monotonic.now
  private let bundles: [String: String]
  private let texts: [String: String]
  /// Of sounds: judged afterwards, by the frames that left the card.
  private var ofSounds: [(press: Int, line: Int, expectation: Scenario.Expectation, within: Int?)] = []
  /// Of all else: judged when their step came.
  private var judged: [(time: Monotonic, expected: ScenarioReport.Expected)] = []

  /// Seconds that something which is no sound may take.
  private static let patience = 15

  /// Does all steps.
  ///
  /// - Parameter progress: gets the number of steps done and of all.
  public init(
    _ scenario: Scenario, on bench: Bench, playing kit: KitFile,
    progress: (_ done: Int, _ all: Int) -> Void = { _, _ in }
  ) throws {
    self.scenario = scenario
    bundles = Dictionary(kit.bundles.map { ($0.tag, $0.autonym) }, uniquingKeysWith: { $1 })
    texts = Dictionary(kit.manifest.prompts.map { ($0.id, $0.text) }, uniquingKeysWith: { $1 })
    var last = Monotonic.now
    var deeds: [Monotonic] = []
    for (index, step) in scenario.steps.enumerated() {
      func fail(_ message: String) -> Failure { Failure(file: scenario.file, line: step.line, message: message) }
      do {
        switch step.action {
        case .press(let button): try bench.press(button)
        case .hold(let button, let time): try bench.press(button, milliseconds: time)
        case .bounce(let button, let bounce): try bench.press(button, as: bounce)
        case .card(let event): try bench.act(event)
        case .wait(.milliseconds(let time)):
          last = last.adding(milliseconds: time)
          guard try bench.wait(until: last) else { throw fail("the card has stood still for 30 s") }
        case .wait(.end):
          guard try bench.waitForEnd() else { throw fail("nothing sounded within 30 s of the press") }
          last = .now
        case .expect(let expectation, let within):
          try expect(expectation, within, at: step.line, on: bench)
        }
      } catch let error as DaemonProcess.Failure { throw fail(error.message) }
      switch step.action {
      case .press, .hold, .bounce, .card:
        last = bench.lastDeed ?? .now
        deeds.append(last)
      case .wait, .expect: break
      }
      if !bench.daemon.isRunning { throw fail("firstwordd ended: \(bench.daemon.log)") }
      progress(index + 1, scenario.steps.count)
    }
    start = deeds.first ?? start
  }

  private mutating func expect(
    _ expectation: Scenario.Expectation, _ within: Int?, at line: Int, on bench: Bench
  ) throws {
    func fail(_ message: String) -> Failure { Failure(file: scenario.file, line: line, message: message) }
    let since = bench.lastDeed ?? Monotonic(nanoseconds: 0)
    var (found, met): (String, Bool)
    switch expectation {
    case .silence, .clip, .signal:
      guard !bench.presses.isEmpty else { throw fail("nothing was pressed yet of which to expect something") }
      ofSounds.append((bench.presses.count - 1, line, expectation, within))
      return
    case .led(let name, let look):
      guard bench.lines.kind == .mounted else {
        throw fail("LEDs cannot be seen without /dev/fuse: run it as root, or on a machine that has it")
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
        // Told by the daemon's own clock: nobody's being late at looking counts.
        met = within.map { time <= Double($0) + (bench.presses.last?.waited ?? 0) } ?? true
        found = "\(Self.shown(time)) ms after the step before"
      } else {
        met = false
        found = lines.isEmpty ? "no line at all" : "only \(lines.map(\.event).joined(separator: ", "))"
      }
    case .volume(let decibels):
      met = try bench.waitForStatus(seconds: 5) { abs($0.speaker.volume - decibels) < 0.05 }
      found = try bench.client.ask(.status).status.map { "\($0.speaker.volume) dB" } ?? "nothing"
    }
    let expected = ScenarioReport.Expected(
      line: line, seconds: 0, expected: Self.name(expectation, within), found: found, met: met)
    judged.append((.now, expected))
  }

  // MARK: - The report

  /// - Parameter verdicts: one for each press of the bench.
  public func performance(_ verdicts: [SoundVerifier.Verdict], _ recording: CardRecording, _ bench: Bench)
    -> ScenarioReport
  {
    let end = max(recording.now ?? start, bench.lastDeed ?? start).adding(milliseconds: 200)
    let lamps = bench.board.leds.map { led in
      ScenarioReport.Lamp(
        name: led.name,
        changes: bench.lights(led.name).filter { $0.time < end }.map {
          .init(seconds: max(0, seconds($0.time)), lit: $0.isLit)
        })
    }
    let looked = judged.map { time, expected in
      var expected = expected
      expected.seconds = seconds(time)
      return expected
    }
    return ScenarioReport(
      name: scenario.name, file: scenario.file, seconds: seconds(end), rows: verdicts.map(row),
      expectations: (looked + ofSounds.map { judge($0, verdicts[$0.press]) }).sorted { $0.line < $1.line },
      acts: bench.acts.map { .init(seconds: seconds($0.time), what: $0.event.rawValue) }, lamps: lamps,
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
      then: verdict.then.map { .init(what: Self.name($0.heard), sounded: [seconds($0.moment), seconds($0.end)]) })
    switch verdict.heard {
    case .clip(let language, let prompt, _, _):
      (row.language, row.autonym, row.prompt, row.text) = (language, bundles[language], prompt, texts[prompt])
    case .signal, .unknown, .silence: break
    }
    if let moment = verdict.moment, let end = verdict.end { row.sounded = [seconds(moment), seconds(end)] }
    return row
  }

  private func judge(
    _ it: (press: Int, line: Int, expectation: Scenario.Expectation, within: Int?), _ verdict: SoundVerifier.Verdict
  ) -> ScenarioReport.Expected {
    // What sounded at all; of that, what was expected.
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
      found += " \(what) \(Self.shown(milliseconds)) ms after \(it.press + 1). press '\(verdict.button)'"
      if verdict.waited >= 1 { found += " (\(Self.shown(verdict.waited)) ms of them a busy machine's)" }
      if let moment { found += ", at \(Self.shown(seconds(moment))) s" }
    } else {
      found += " after \(it.press + 1). press '\(verdict.button)' at \(Self.shown(seconds(verdict.time))) s"
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

  /// `ro safe-here completed`
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

  /// With one decimal.
  private static func shown(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10)"
  }
}
