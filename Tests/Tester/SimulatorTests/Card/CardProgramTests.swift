import CLinux
import Glibc
import Posix
import Simulator
import TestSupport
import Testing

/// The card as used by other programs.
@Suite(
  .enabled(if: aplay != nil, "SKIPPED: aplay (alsa-utils) is not installed"),
  .disabled(if: Sanitizer.isOn, "a sanitizer must be loaded first"))
struct CardProgramTests {
  @Test("aplay plays mono to the card unchanged")
  func mono() throws {
    let bench = try CardBench()
    try #expect(play(pattern(12_000), ["-D", "card", "-f", "S16_LE", "-c", "1"], bench) == 0)
    let streams = try bench.recording().streams
    try #require(streams.count == 1)
    // aplay fills its last period with silence.
    let silence = max(0, streams[0].samples.count - 12_000)
    expectSound(streams[0].samples, pattern(12_000) + [Int16](repeating: 0, count: silence))
    #expect(streams[0].ended?.kind == .drained)
  }

  @Test("aplay plays stereo by direct access, twice into the same record")
  func stereoTwice() throws {
    let bench = try CardBench()
    let both = pattern(24_000)
    let left = stride(from: 0, to: 24_000, by: 2).map { both[$0] }
    for _ in 0..<2 {
      try #expect(play(both, ["-D", "card", "-f", "S16_LE", "-c", "2", "-M"], bench) == 0)
    }
    let streams = try bench.recording().streams
    try #require(streams.count == 2)
    for stream in streams { expectSound(stream.samples.prefix(left.count), left) }
  }

  @Test("aplay plays formats that the card lacks through plug")
  func plug() throws {
    let bench = try CardBench { $0.channels = 2 }
    let swapped = pattern(12_000).map(\.byteSwapped)
    try #expect(play(swapped, ["-D", "plug:card", "-f", "S16_BE", "-c", "1"], bench) == 0)
    let recording = try bench.recording()
    #expect(recording.setups.last?.channels == 2)
    expectSound(recording.streams.first?.samples.prefix(12_000) ?? [], pattern(12_000))
  }

  @Test("A killed program leaves a record that can be read and continued")
  func killed() throws {
    let bench = try CardBench()
    let program = try start(pattern(480_000), ["-D", "card", "-f", "S16_LE", "-c", "1"], bench)
    let follower = try bench.follower()
    #expect(try follower.wait(until: farAway) { ($0.running?.samples.count ?? 0) > 4800 })
    kill(program, SIGKILL)
    try #expect(wait(for: program) != 0)
    let probe = try CardProbe(bench)
    try probe.write(pattern(480))
    try probe.drain()
    #expect(try follower.wait(until: farAway) { $0.streams.last?.ended?.kind == .drained })
    let streams = follower.recording.streams
    try #require(streams.count == 2)
    expectSound(streams[0].samples, pattern(480_000).prefix(streams[0].samples.count))
    #expect(streams[0].ended == nil && !streams[0].isRunning)
    expectSound(streams[1].samples, pattern(480))
  }

  private func play(_ samples: [Int16], _ arguments: [String], _ bench: CardBench) throws -> CInt {
    try wait(for: start(samples, arguments, bench))
  }

  private func start(_ samples: [Int16], _ arguments: [String], _ bench: CardBench) throws -> pid_t {
    let sound = "\(bench.directory)/sound"
    try Files.replace(
      sound, with: samples.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] })
    let search = try bench.configuration.write(to: "\(bench.directory)/alsa.conf")
    let program = try #require(aplay)
    let words = [program, "-q", "-t", "raw", "-r", "48000"] + arguments + [sound]
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    var environment: [UnsafeMutablePointer<CChar>?] = [
      strdup("\(CardConfiguration.environmentName)=\(search)"), nil,
    ]
    defer { for text in arguments + environment { free(text) } }
    var process: pid_t = 0
    let code = posix_spawn(&process, program, nil, nil, &arguments, &environment)
    if code != 0 { throw SystemError("posix_spawn", path: program, code: code) }
    return process
  }

  private func wait(for process: pid_t) throws -> CInt {
    var status: CInt = 0
    try posix("waitpid") { waitpid(process, &status, 0) }
    return status
  }
}

private let aplay = ["/usr/bin/aplay", "/bin/aplay"].first { Files.exists($0) }
