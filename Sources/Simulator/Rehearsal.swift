import Catalogue
import Kit
import Posix

/// One press in the report: what was done, what sounded, and what is wrong with it.
public struct TimelineRow: Codable, Sendable {
  /// Since the first press.
  public var seconds: Double
  public var button: String
  /// BCP 47, and the language's own name.
  public var language: String?
  public var autonym: String?
  public var prompt: String?
  /// The prompt's wording in the kit's source language.
  public var text: String?
  /// From the press to the clip's first frame on the line; for a stop, to the end of the sound.
  public var milliseconds: Double?
  /// `completed`, `stopped after 0.6 s`, `silent`, `unknown sound`.
  public var outcome: String
  public var faults: [String]
}

/// A scenario, done on a bench: its presses in time, and what is expected of each.
public struct Rehearsal: Sendable {
  public struct Failure: Error, CustomStringConvertible {
    public let file: String
    public let line: Int
    public let message: String
    public var description: String { "\(file):\(line): \(message)" }
  }

  private let scenario: Scenario
  /// By press; the line in the scenario stays with it.
  private var expectations: [(press: Int, line: Int, expectation: Scenario.Expectation)] = []

  /// Does all steps. What is expected is judged afterwards.
  public init(_ scenario: Scenario, on bench: Bench) throws {
    self.scenario = scenario
    var last = Monotonic.now
    for step in scenario.steps {
      func fail(_ message: String) -> Failure { Failure(file: scenario.file, line: step.line, message: message) }
      switch step.action {
      case .press(let button):
        do { try bench.press(button) } catch let error as DaemonProcess.Failure { throw fail(error.message) }
        last = bench.presses.last?.time ?? .now
      case .wait(.milliseconds(let time)):
        last = last.adding(milliseconds: time)
        try bench.rest(until: last)
      case .wait(.end):
        guard try bench.waitForEnd() else { throw fail("nothing sounded within 30 s of the press") }
        last = .now
      case .expect(let expectation):
        guard !bench.presses.isEmpty else { throw fail("nothing was pressed yet of which to expect something") }
        expectations.append((bench.presses.count - 1, step.line, expectation))
      }
      if !bench.daemon.isRunning { throw fail("firstwordd ended: \(bench.daemon.log)") }
    }
  }

  /// The report, with every expectation that was not met.
  public func rows(_ verdicts: [Judge.Verdict], kit: KitFile) -> [TimelineRow] {
    let start = verdicts.first?.time
    return verdicts.enumerated().map { index, verdict in
      var row = TimelineRow(
        seconds: start.map { Double(verdict.time.since($0)) / 1e9 } ?? 0, button: verdict.button.description,
        milliseconds: verdict.milliseconds, outcome: Self.outcome(verdict.heard), faults: verdict.faults)
      if case .clip(let language, let prompt, _, _) = verdict.heard {
        row.language = language
        row.autonym = kit.bundle(language)?.autonym
        row.prompt = prompt
        row.text = kit.manifest.prompt(prompt)?.text
      }
      for (press, line, expectation) in expectations where press == index {
        if let fault = Self.difference(expectation, verdict.heard) {
          row.faults.append("\(scenario.file):\(line): \(fault)")
        }
      }
      return row
    }
  }

  private static func outcome(_ heard: Judge.Heard) -> String {
    switch heard {
    case .silence: "silent"
    case .unknown: "unknown sound"
    case .clip(_, _, _, completed: true): "completed"
    case .clip(_, _, let frames, completed: false):
      "stopped after \(frames / 48_000).\(frames / 4_800 % 10) s"
    }
  }

  private static func difference(_ expected: Scenario.Expectation, _ heard: Judge.Heard) -> String? {
    switch (expected, heard) {
    case (.silence, .silence): return nil
    case (.silence, _): return "expected silence, heard \(name(heard))"
    case (.clip(let language, let prompt, let outcome), .clip(let tag, let id, _, let completed)):
      if language == tag, prompt == id, (outcome == .completed) == completed { return nil }
      return "expected \(language) \(prompt) \(outcome.rawValue), heard \(name(heard))"
    case (.clip(let language, let prompt, let outcome), _):
      return "expected \(language) \(prompt) \(outcome.rawValue), heard \(name(heard))"
    }
  }

  private static func name(_ heard: Judge.Heard) -> String {
    if case .clip(let language, let prompt, _, _) = heard { return "\(language) \(prompt) \(outcome(heard))" }
    return outcome(heard)
  }
}
