import ArgumentParser
import Control
import Diagnostics
import Distribution
import Posix

struct Ctl: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Control a running firstwordd.",
    discussion: """
        firstword ctl status
        firstword ctl press next-language
        firstword ctl press safe-here
        firstword ctl press needs      # a module: its next message
        firstword ctl press '*'        # then two digits: a language by its number
        firstword ctl stop
        firstword ctl reload           # look for another kit in the store
        firstword ctl notice failed --detail "the battery is low"   # tones and LEDs, when nothing plays
        firstword ctl watch            # print its events until Ctrl-C
        firstword ctl --schema         # the socket's messages as a JSON Schema
      """)

  enum Verb: String, CaseIterable, ExpressibleByArgument { case hello, status, press, stop, reload, watch, notice }

  @Argument(help: "hello, status, press, stop, reload, watch or notice.")
  var verb: Verb?

  @Argument(
    help: """
      For press: stop, repeat, finder, louder, answer-yes, a digit, \u{2026}, a module, or the id of a prompt or sequence. \
      For notice: begun, present, done, refused or failed.
      """)
  var button: String?

  @Option(help: ArgumentHelp("For notice: what happened; the daemon logs it.", valueName: "TEXT"))
  var detail: String?

  @Option(help: ArgumentHelp("The daemon's --socket.", valueName: "PATH"))
  var socket = "/run/firstword/control"

  @Option(
    help: ArgumentHelp("For status: firstword-sync's file about its channel, shown if it is there.", valueName: "FILE"))
  var news = ChannelNews.standard.string

  @Flag(
    help: """
      Print the daemon's replies and events as JSON. The reply to status also has 'channel': what --news says, the days \
      since the channel last changed, and whether that is longer than it may be (isSilent).
      """)
  var json = false

  @Flag(help: "Print the JSON Schema of requests, replies and events.")
  var schema = false

  func validate() throws {
    if schema { return }
    guard let verb else {
      throw ValidationError("give a command: hello, status, press BUTTON, stop, reload, watch or notice OUTCOME")
    }
    if (verb == .press || verb == .notice) != (button != nil) {
      throw ValidationError(
        verb == .press
          ? "press needs a button" : verb == .notice ? "notice needs an outcome" : "\(verb.rawValue) takes no button")
    }
    if detail != nil && verb != .notice { throw ValidationError("--detail goes with notice") }
  }

  func run() throws {
    if schema { return Terminal.write(1, Printable(lines: ControlSchema.text)) }
    let client = try ControlClient(path: socket)
    let reply: Reply
    do {
      switch verb {
      case .hello: reply = try client.ask(.hello)
      case .press: reply = try client.ask(.press, button: button)
      case .notice: reply = try client.ask(.notice, outcome: button, detail: detail)
      case .stop: reply = try client.ask(.stop)
      case .reload: reply = try client.ask(.reload)
      case .watch: return try watch(client)
      case .status, nil: reply = try client.ask(.status)
      }
    } catch {
      if case ControlClient.Failure.refused(let why) = error { throw Failure.wrong("\(why.message)") }
      throw error
    }
    if json {
      guard reply.status != nil else { return try printJSON(reply) }
      let channel = ChannelNews(reading: news).map { DatedNews(news: $0, now: .now) }
      return try printJSON(StatusReport(reply: reply, channel: channel))
    }
    if let hello = reply.hello { print("\(hello.program), protocol \(hello.protocol)") }
    if let status = reply.status { show(status) }
  }

  /// Prints events until the daemon ends.
  private func watch(_ client: ControlClient) throws {
    let first = try client.ask(.subscribe).state
    let began = Monotonic.now
    var button: String?
    if !json, let first { Terminal.write(1, "         \(Terminal.paint(first.line, .faint))\n") }
    while true {
      let events: [ControlEvent]
      do throws(ControlClient.Failure) {
        events = try client.takeEvents(until: .now.adding(milliseconds: 3_600_000))
      } catch {
        guard case .noReply = error else { throw error }
        return Terminal.remark("\(socket): the daemon has ended")
      }
      for event in events {
        if event.event == "press" { button = event.button }
        if json {
          try printLine(event)
        } else {
          let seconds = max(0, Monotonic(nanoseconds: event.monotonic).since(began)) / 100_000_000
          let time =
            String(repeating: " ", count: max(0, 6 - String(seconds / 10).count)) + "\(seconds / 10).\(seconds % 10) "
          if let state = event.state { Terminal.write(1, "\(time)\(Terminal.paint(state.line, .faint))\n") }
          if let line = EventLine(event, after: button) {
            Terminal.write(
              1, "\(time)\(Terminal.paint(filled(line.word, 12), line.isBad ? .red : .bold)) \(line.rest)\n")
          }
        }
      }
    }
  }

  private func show(_ news: ChannelNews, at now: WallTime) {
    let age = Terminal.paint("\(news.age(at: now))", news.isSilent(at: now) ? .red : .bold)
    print("channel   \(news.timestamp.map { "version \($0), " } ?? "")\(age)")
    for line in news.warnings + news.faults { print("          \(line)") }
  }

  private func show(_ status: DaemonStatus) {
    let signer = status.signer.map { "signed by \($0)" } ?? "untrusted"
    let speaker = status.speaker
    let card = status.sound ? "there" : "NO CARD (\(speaker.cause ?? "not opened yet"))"
    let priority = status.realTime ? "real time" : "no real-time priority"
    print("kit       \(status.kit)\(status.draft ? " DRAFT" : "") (\(signer))")
    for why in status.passedOver ?? [] { print("          \(Terminal.paint("not played", .red)): \(why)") }
    if let fault = status.storeFault { print("store     \(Terminal.paint("DAMAGED", .red)): \(fault)") }
    print("board     \(status.board), for \(status.use) use")
    print("sound     \(status.pcm): \(card), \(priority), \(counted(status.underruns, "underrun"))")
    print(
      "          \(speaker.stream) stream, stops by \(speaker.stop.rawValue), "
        + (speaker.memoryLocked ? "memory locked" : "memory not locked")
        + (speaker.stocked ? "" : ", clips are still being read"))
    let mixer = speaker.mixerCause.map { ", NOT SET: the mixer says \($0)" } ?? ""
    print("journal   \(status.journal.line)")
    print("volume    \(speaker.volume) dB\(speaker.quiet ? ", quiet" : "")\(mixer)")
    print("language  \(status.language ?? "none chosen")")
    if let mode = status.state?.answerMode {
      let others = status.state?.answerModes?.filter { $0 != mode } ?? []
      print("answers   by \(mode)\(others.isEmpty ? "" : "; the kit also offers \(others.joined(separator: ", "))")")
    }
    for why in status.unavailable ?? [] { print("          \(Terminal.paint("no formula", .red)): \(why)") }
    if let news = ChannelNews(reading: news) { show(news, at: .now) }
    print("playing   \(status.playing ?? "nothing")")
    print("presses   \(status.presses)")
    for button in status.buttons {
      let fault: Printable =
        button.state == .good ? "" : Terminal.paint("  \(button.state.rawValue.uppercased())", .red)
      print("  \(filled(button.button, 20)) \(filled(button.line, 22)) \(button.path)\(fault)")
    }
    for input in status.inputs {
      print("input     \(input.fault ?? "\(input.device): there, \(counted(input.keys, "key"))")")
    }
    for led in status.leds { print("LED       \(led.led): \(led.fault ?? "shines")") }
    if status.latencies.isEmpty { return }
    var table = Table(["press by", "to", "count", "median µs", "p95 µs", "p99 µs", "worst µs"])
    for each in status.latencies {
      let times = [each.median, each.p95, each.p99, each.worst].map { "\($0)" }
      table.add([each.path, each.to, "\(each.count)"] + times)
    }
    table.print()
  }
}

extension JournalStatus {
  /// The state as one line for people.
  fileprivate var line: Printable {
    switch state {
    case .written: "\(path ?? ""): \(number.map { "line \($0), SHA-256 \(hash ?? "")" } ?? "no line yet")"
    case .failing: "\(Terminal.paint("NOT WRITTEN", .red)): \(cause ?? "")"
    case .off: "off, by the board's policy"
    case .none: "none; firstwordd --journal FILE keeps one"
    }
  }
}
