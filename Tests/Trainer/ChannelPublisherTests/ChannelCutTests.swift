import Foundation
import Kit
import Posix
import Testing

@testable import ChannelPublisher

@Suite("A publisher that is cut off")
struct ChannelCutTests {
  private struct Cut: Error {}

  /// Does a change with a cut at its first write, then at its second, until it passes without one. After each cut a reader
  /// finds the old state or the new one, and the change can be made again.
  private func cut(
    _ bench: ChannelBench, _ change: (ChannelFolder) throws -> Void
  ) throws {
    let copy = bench.directory.appending("copy")
    try FileManager.default.copyItem(atPath: bench.web.string, toPath: copy.string)
    let before = try bench.read()
    try change(try ChannelFolder(opening: bench.web))
    let after = try bench.read()
    #expect(after != before)
    var isDone = false
    var number = 0
    while !isDone {
      try FileManager.default.removeItem(atPath: bench.web.string)
      try FileManager.default.copyItem(atPath: copy.string, toPath: bench.web.string)
      var writes = 0
      let limit = number
      do {
        try change(
          try ChannelFolder(opening: bench.web) { _ in
            if writes == limit { throw Cut() }
            writes += 1
          })
        isDone = true
      } catch is Cut {}
      let found = try bench.read()
      #expect(found == before || found.files == after.files && found.root == after.root || found.root == before.root)
      #expect(found.files == before.files || found.files == after.files)
      // Again, to the end.
      try? change(try ChannelFolder(opening: bench.web))
      let again = try bench.read()
      #expect(again.files == after.files && again.root == after.root, "after a cut at write \(number)")
      number += 1
    }
    #expect(number > 4)
    try FileManager.default.removeItem(atPath: copy.string)
  }

  @Test("serves the old state or the new one, when kits and lists are published")
  func contents() throws {
    let bench = try ChannelBench()
    _ = try bench.published()
    let kit = try bench.kit("1.1")
    let list = try bench.recalls(issue: 1)
    try cut(bench) { folder in
      _ = try folder.add(kit: kit, acceptsDrafts: true, now: bench.now)
      _ = try folder.recall(list, trustedBy: nil, now: bench.now)
      try bench.sign(folder, "kits")
    }
  }

  /// A channel is locked while its folder is open.
  private func prepareRotation(_ bench: ChannelBench) throws {
    let folder = try bench.published()
    _ = try folder.rotate("snapshot", add: try bench.named("job"), remove: ["online"], now: bench.now)
    _ = try folder.rotate("timestamp", add: try bench.named("job"), remove: ["online"], now: bench.now)
  }

  @Test("serves the old state or the new one, when the keys of the job are replaced")
  func rotation() throws {
    let bench = try ChannelBench()
    try prepareRotation(bench)
    try cut(bench) { folder in
      for name in ["anna", "ben"] {
        do { _ = try folder.sign(with: try bench.key(name), named: name) } catch PublisherError.uselessKey {}
      }
      try bench.sign(folder, online: ["online", "job"])
    }
  }

  @Test("serves the old state or the new one, when a country gets a role")
  func delegation() throws {
    let bench = try ChannelBench()
    _ = try bench.published()
    let kit = try bench.kit("5.0", name: "local")
    try cut(bench) { folder in
      do {
        try folder.delegate("moldova", KeyChoice(try bench.named("chisinau")), now: bench.now)
      } catch PublisherError.content {}
      _ = try folder.add(kit: kit, to: "moldova", acceptsDrafts: true, now: bench.now)
      for name in ["kits", "chisinau"] {
        do { _ = try folder.sign(with: try bench.key(name), named: name) } catch PublisherError.uselessKey {}
      }
      try bench.sign(folder)
    }
  }
}
