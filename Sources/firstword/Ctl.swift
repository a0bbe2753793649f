import ArgumentParser
import Control

extension Request.Verb: ExpressibleByArgument {}

struct Ctl: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Talk to a running firstwordd.",
    discussion: """
        firstword ctl status
        firstword ctl press next-language
        firstword ctl press safe-here
        firstword ctl press '*'        # then two digits: a language by its number
        firstword ctl stop
      """)

  @Argument(help: "hello, status, press or stop.")
  var verb: Request.Verb

  @Argument(help: "For press: stop, repeat, next-language, louder, answer-yes, a digit, …, or the id of a prompt.")
  var button: String?

  @Option(help: ArgumentHelp("The daemon's --socket.", valueName: "PATH"))
  var socket = "/run/firstword/control"

  @Flag(help: "For machines: the daemon's reply as it came.")
  var json = false

  func validate() throws {
    if (verb == .press) != (button != nil) {
      throw ValidationError(verb == .press ? "press needs a button" : "\(verb.rawValue) takes no button")
    }
  }

  func run() throws {
    let client = try ControlClient(path: socket)
    let reply: Reply
    do { reply = try client.ask(verb, button: button) } catch {
      if case .refused(let why) = error { throw Failure.wrong(why.message) }
      throw error
    }
    if json { return try printJSON(reply) }
    if let hello = reply.hello { print("\(hello.program), protocol \(hello.protocol)") }
    if let status = reply.status { show(status) }
  }

  private func show(_ status: DaemonStatus) {
    let signer = status.signer.map { "signed by \($0)" } ?? "untrusted"
    let speaker = status.speaker
    let card = status.sound ? "there" : "NO CARD (\(speaker.cause ?? "not looked for yet"))"
    let priority = status.realTime ? "real time" : "no real-time priority"
    print("kit       \(status.kit)\(status.draft ? " DRAFT" : "") (\(signer))")
    print("board     \(status.board), for \(status.use) use")
    print("sound     \(status.pcm): \(card), \(priority), \(status.underruns) underruns")
    print(
      "          \(speaker.stream) stream, stops by \(speaker.stop.rawValue), "
        + (speaker.memoryLocked ? "memory locked" : "memory not locked")
        + (speaker.stocked ? "" : ", clips are still being read"))
    let mixer = speaker.mixerCause.map { ", NOT SET: the mixer says \($0)" } ?? ""
    print("volume    \(speaker.volume) dB\(speaker.quiet ? ", quiet" : "")\(mixer)")
    print("language  \(status.language ?? "none chosen")")
    print("playing   \(status.playing ?? "nothing")")
    print("presses   \(status.presses)")
    for button in status.buttons {
      let fault = button.state == .good ? "" : Terminal.paint("  \(button.state.rawValue.uppercased())", .red)
      print("  \(filled(button.button, 20)) \(filled(button.line, 22)) \(button.path)\(fault)")
    }
    for input in status.inputs {
      print("input     \(input.fault ?? "\(input.device): there, \(input.keys) \(input.keys == 1 ? "key" : "keys")")")
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
