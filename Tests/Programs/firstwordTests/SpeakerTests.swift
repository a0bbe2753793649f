import Board
import Control
import Foundation
import Kit
import Posix
import Simulator
import TestSupport
import Testing

/// What a board says of its loudspeaker, as the shipped daemon does it.
@Suite("The daemon, and its loudspeaker", .serialized)
struct SpeakerTests {
  private let sandbox: Sandbox

  init() throws { sandbox = try Sandbox() }

  private func level(_ samples: some Sequence<Int16>) -> Int { samples.reduce(0) { max($0, abs(Int($1))) } }

  @Test("a running stream: one stream from the start to the end, and each clip whole in it")
  func running() throws {
    let bench = try sandbox.bench {
      $0.board.sound.stream = .running
      $0.board.sound.sleep = 0
    }
    for name in ["next-language", "safe-here"] {
      try bench.press(Button(name))
      #expect(try bench.waitForStatus { $0.playing == nil })
    }
    #expect(try bench.client.ask(.status).status?.speaker.stream == "running")
    let presses = bench.presses
    let recording = try bench.finish()
    #expect(recording.streams.count == 1)
    let verdicts = SoundVerifier(ClipLibrary(try KitFile(path: sandbox.kit))).verify(presses, recording)
    for (verdict, prompt) in zip(verdicts, ["language-name", "safe-here"]) {
      guard case .clip("ro", prompt, _, completed: true) = verdict.heard, verdict.faults.isEmpty else {
        Issue.record("\(verdict)")
        continue
      }
    }
  }

  @Test("a running stream whose card is pulled out is noticed, and runs again when it is back")
  func runningUnplugged() throws {
    let bench = try sandbox.bench {
      $0.board.sound.stream = .running
      $0.board.sound.sleep = 0
    }
    #expect(try bench.waitForStatus { $0.sound })
    try bench.control.set([.unplugged])
    #expect(try bench.waitForStatus { !$0.sound })
    try bench.control.set([])
    #expect(try bench.waitForStatus { $0.sound })
    try bench.press(Button("next-language"))
    #expect(try bench.waitForStatus { $0.playing == nil })
    #expect(try bench.finish().streams.count == 2)
  }

  @Test("volume: louder, quieter and quiet act on the samples within the board's limits, and the status tells")
  func volume() throws {
    let bench = try sandbox.bench {
      $0.board.sound.volume = .init(standard: -6, floor: -12, ceiling: 0, quiet: -40, step: 6)
    }
    var levels: [Int] = []
    for (button, volume) in [(nil, -6.0), ("louder", 0), ("louder", 0), ("quiet", -40)] {
      if let button { _ = try bench.client.ask(.press, button: button) }
      #expect(try bench.client.ask(.status).status?.speaker.volume == volume)
      try bench.press(Button(levels.isEmpty ? "next-language" : "repeat"))
      #expect(try bench.waitForEnd())
      levels.append(level(try CardRecording(path: bench.record).streams.last?.samples ?? []))
    }
    #expect(try bench.client.ask(.status).status?.speaker.quiet == true)
    // 6 dB are a factor of 1.995.
    #expect(abs(Double(levels[1]) / Double(levels[0]) - 1.995) < 0.01)
    #expect(levels[2] == levels[1])
    #expect(abs(Double(levels[1]) / Double(levels[3]) - 100) < 5)
  }

  @Test("a mixer: the card's own volume is set, and the samples stay as they are")
  func mixer() throws {
    let bench = try sandbox.bench {
      $0.board.sound.volume = .init(standard: -6, floor: -12, ceiling: 0, quiet: -40, step: 3)
      $0.board.sound.mixer = .init(card: CardConfiguration.pcm, element: "Digital")
    }
    func setting() -> String { (try? Files.read(bench.mixer)).map { String(decoding: $0, as: UTF8.self) } ?? "" }
    // 207 is 0 dB, and a step is half a dB.
    #expect(try bench.waitForStatus { _ in setting() == "195 1\n" }, "\(setting())")
    _ = try bench.client.ask(.press, button: "quiet")
    #expect(try bench.waitForStatus { _ in setting() == "127 1\n" }, "\(setting())")
    #expect(try bench.client.ask(.status).status?.speaker.mixerCause == nil)
    try bench.press(Button("next-language"))
    #expect(try bench.waitForEnd())
    let presses = bench.presses
    let verdicts = SoundVerifier(ClipLibrary(try KitFile(path: sandbox.kit))).verify(presses, try bench.finish())
    guard case .clip("ro", "language-name", _, completed: true) = verdicts[0].heard else {
      Issue.record("\(verdicts[0])")
      return
    }
  }

  @Test("a mixer that has no such element: it plays all the same, and the status says why the volume is not set")
  func noElement() throws {
    let bench = try sandbox.bench {
      $0.board.sound.mixer = .init(card: CardConfiguration.pcm, element: "Analogue")
    }
    #expect(try bench.waitForStatus { $0.speaker.mixerCause == "No such file or directory" })
    try bench.press(Button("next-language"))
    #expect(try bench.waitForEnd())
  }

  @Test(
    "a channel map: the left speaks, or the right, or both", arguments: [Board.Sound.ChannelMap.left, .right, .both])
  func channels(_ map: Board.Sound.ChannelMap) throws {
    let bench = try sandbox.bench {
      $0.board.sound.channels = 2
      $0.board.sound.map = map
    }
    try bench.press(Button("next-language"))
    #expect(try bench.waitForEnd())
    let recording = try bench.finish()
    #expect(recording.setups.last?.channels == 2)
    // The recording keeps the first channel, the left one.
    #expect((level(recording.streams[0].samples) > 1000) == (map != .right))
  }

  @Test("without rewind little is queued: a stop is silence at once, and the status says how")
  func withoutRewind() throws {
    let bench = try sandbox.bench { $0.board.sound.rewind = false }
    try bench.press(Button("next-language"))
    #expect(try bench.waitForEnd())
    try bench.press(Button("need-doctor"))
    try bench.rest(until: .now.adding(milliseconds: 300))
    try bench.press(Button("stop"))
    #expect(try bench.waitForEnd())
    #expect(try bench.client.ask(.status).status?.speaker.stop == .drop)
    let presses = bench.presses
    let verdicts = SoundVerifier(ClipLibrary(try KitFile(path: sandbox.kit))).verify(presses, try bench.finish())
    #expect(verdicts[2].heard == .silence && verdicts[2].faults.isEmpty, "\(verdicts[2])")
  }

  @Test("the status says whether the thread is real-time and the memory locked, as the kernel has it")
  func granted() throws {
    let bench = try sandbox.bench()
    #expect(try bench.waitForStatus { $0.sound })
    let status = try #require(try bench.client.ask(.status).status)
    let process = "/proc/\(bench.daemon.identifier)"
    // By name of the thread: policy and priority.
    var threads: [String: [String]] = [:]
    for thread in try Files.list(process + "/task") {
      let line = String(decoding: try Files.read("\(process)/task/\(thread)/stat"), as: UTF8.self)
      let parts = line.split(separator: ")")
      let fields = parts[1].split(separator: " ").map(String.init)
      // proc(5): fields 41 and 40, of which the third is the first behind the name; the policy 1 is SCHED_FIFO.
      threads[String(parts[0].split(separator: "(")[1])] = [fields[38], fields[37]]
    }
    #expect((threads["audio"] == ["1", "50"]) == status.realTime)
    // What feeds it comes right after it, and before what makes other clips ready.
    #expect((threads["decode"] == ["1", "40"]) == status.realTime)
    let memory = String(decoding: try Files.read(process + "/status"), as: UTF8.self)
    let locked = memory.split(separator: "\n").first { $0.hasPrefix("VmLck:") }?.split(separator: " ").first {
      Int($0) != nil
    }
    // A sanitizer's shadow is more than may be locked, so it answers mlockall(2) itself.
    #expect(Sanitizer.isOn || (locked != "0") == status.speaker.memoryLocked)
  }
}
