import CALSA
import Glibc
import Posix
import Simulator
import Testing

@testable import Capture

/// A temporary directory with a simulated microphone, both removed by deinit.
final class MicrophoneBench {
  let directory: String
  private let tree: OpaquePointer
  private var said = 0
  private var faults: [CardFault] = []

  init(_ change: (inout MicrophoneConfiguration) -> Void = { _ in }) throws {
    var template = Array("/tmp/microphone-XXXXXX".utf8CString)
    directory = template.withUnsafeMutableBufferPointer { String(cString: mkdtemp($0.baseAddress!)) }
    var configuration = MicrophoneConfiguration(
      library: try CardConfiguration.findLibrary(), voice: "\(directory)/voice.wav", control: "\(directory)/control")
    change(&configuration)
    let text = configuration.text
    // A private configuration tree, because all tests share the process's environment.
    var created: OpaquePointer?
    snd_config_top(&created)
    tree = try #require(created)
    var input: OpaquePointer?
    snd_input_buffer_open(&input, text, text.utf8.count)
    try #require(snd_config_load(tree, input) >= 0)
    snd_input_close(input)
  }

  deinit {
    snd_config_delete(tree)
    for name in (try? Files.list(directory)) ?? [] { unlink("\(directory)/\(name)") }
    rmdir(directory)
  }

  func open() throws -> Microphone {
    var opened: OpaquePointer?
    let code = snd_pcm_open_lconf(
      &opened, MicrophoneConfiguration.pcm, SND_PCM_STREAM_CAPTURE, CInt(SND_PCM_NONBLOCK), tree)
    guard code >= 0, let opened else {
      throw CaptureError("snd_pcm_open", device: MicrophoneConfiguration.pcm, code: -code)
    }
    return try Microphone(owning: opened, device: MicrophoneConfiguration.pcm)
  }

  func set(_ faults: [CardFault]) throws {
    self.faults = faults
    try CardControl(path: "\(directory)/control").set(faults + [.say(said)])
  }

  /// Plays samples into the simulated microphone.
  func say(_ samples: [Int16]) throws {
    func little(_ value: Int, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    let data = samples.flatMap { little(Int($0), 2) }
    let format = little(1, 2) + little(1, 2) + little(48_000, 4) + little(96_000, 4) + little(2, 2) + little(16, 2)
    try Files.replace(
      "\(directory)/voice.wav",
      with: Array("RIFF".utf8) + little(36 + data.count, 4) + Array("WAVEfmt ".utf8) + little(16, 4) + format
        + Array("data".utf8) + little(data.count, 4) + data)
    said += 1
    try set(faults)
  }
}

extension Microphone {
  /// Reads until a condition holds for all audio read; fails after half a minute.
  func hear(until isEnough: (Sound) throws -> Bool) throws -> Sound {
    let deadline = Monotonic.now.adding(milliseconds: 30_000)
    var all = Sound()
    while try !isEnough(all) {
      try #require(Monotonic.now < deadline)
      var poll = Poll()
      add(to: &poll)
      try poll.wait(until: deadline)
      let sound = try read(after: poll)
      all.samples = (sound.isTorn ? [] : all.samples) + sound.samples
      all.isTorn = all.isTorn || sound.isTorn
    }
    return all
  }
}
