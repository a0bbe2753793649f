import Board
import Console
import Control
import Diagnostics
import Panel
import Playback
import Posix

// Sticks, updates and the power switch: the daemon has no right to any of them. It asks root's services, by a file for
// each request, and announces what they report.

/// What the holder of the device requests of root's services by a chord. The raw value is the name of the file, for which a
/// unit of systemd waits.
enum DeviceRequest: String {
  /// Trust the keys on the sticks that are plugged in.
  case stickKeys = "stick-keys"
  /// Write the journal to a stick.
  case stickJournal = "stick-journal"
  /// Switch off.
  case powerOff = "power-off"

  /// Creates the request of a chord; nil for other controls.
  init?(_ control: Button.Control) {
    switch control {
    case .trustStick: self = .stickKeys
    case .journalToStick: self = .stickJournal
    case .powerOff: self = .powerOff
    default: return nil
    }
  }
}

extension Daemon {
  /// Seconds for which a request waits for its service to begin.
  private static let requestPatience = 20
  /// Milliseconds of the signal before the power goes.
  private static let farewell = 600

  /// Answers a chord: everything is silent, and root's service is asked.
  func request(_ request: DeviceRequest) {
    guard requests != nil else {
      say("\(request.rawValue): this daemon has no --requests, so that nobody would answer")
      notices.end(.failed)
      return
    }
    notices.begin(at: .now, seconds: Self.requestPatience)
    if request == .powerOff {
      // The holder knows by the signal that the chord was held for long enough.
      play(.done)
      powerOffTime = .now.adding(milliseconds: Self.farewell + board.sound.lead)
    } else {
      send(request)
    }
  }

  /// Sends a request that had to wait for its signal.
  func sendDue(at now: Monotonic) {
    guard let time = powerOffTime, now >= time else { return }
    powerOffTime = nil
    send(.powerOff)
  }

  private func send(_ request: DeviceRequest) {
    guard let requests else { return }
    do throws(SystemError) {
      try Files.replace(requests.appending(request.rawValue), with: [], mode: 0o640)
      say("\(request.rawValue) is requested")
    } catch {
      say("\(error)")
      notices.end(.failed)
    }
  }

  /// Takes a notice from the socket.
  func take(_ request: Request) -> Reply {
    let outcome = request.outcome.flatMap(NoticeBoard.Outcome.init(rawValue:))
    guard outcome != nil || request.outcome == "begun" else {
      return .failed(request.id, "bad-request", "notice needs an \"outcome\": begun, present, done, refused, failed")
    }
    if let outcome { notices.end(outcome) } else { notices.begin(at: .now) }
    let detail = request.detail.map { Printable($0.prefix(300)).text }
    if let detail { say("\(request.outcome ?? ""): \(detail)") }
    server?.publish(
      ControlEvent("notice", monotonic: Monotonic.now.nanoseconds, detail: detail, reason: request.outcome))
    return .done(request.id)
  }

  /// Announces an outcome if nothing plays.
  func announce() {
    switch notices.next(isIdle: console.isSilent && console.underWay == nil) {
    case nil: break
    case .done: perform(console.announceDone())
    case .present: play(.done)
    case .refused: play(.refused)
    case .failed: play(.error)
    }
  }

  /// Plays a tone.
  func play(_ tone: Tone) {
    amplifier?.prepare()
    _ = player.play(tone.clip, token: 0)
  }
}
