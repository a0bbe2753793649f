import Foundation
import Posix
import Post
import TestSupport
import Testing

@Suite("The files of the pages that go by post")
struct PostAssetTests {
  private static let own = SourceTree.path + "/Sources/Trainer/Post/assets"
  private static let shared = SourceTree.path + "/Sources/Trainer/Studio/assets"

  @Test("the program embeds every file as it is; after a change, touch Sources/Trainer/PostAssets/assets.S")
  func embedded() throws {
    let names = try Files.list(Self.own)
    #expect(Set(PostFiles.all.keys) == Set(names + ["dom.js", "recorder.js", "recorder-worklet.js"]))
    for (name, text) in PostFiles.all {
      let directory = names.contains(name) ? Self.own : Self.shared
      let file = String(decoding: try Files.read("\(directory)/\(name)"), as: UTF8.self)
      #expect(text == file, "\(name)")
    }
  }

  @Test("the scripts name no address elsewhere, and write no markup")
  func quiet() {
    for (name, text) in PostFiles.all {
      for way in [
        "https://", "http://", "ws://", " style=\"", "onclick=", "javascript:", "innerHTML", "insertAdjacentHTML",
        "document.write", "eval(", "fetch(", "XMLHttpRequest", "sendBeacon", "</script", "<!--",
      ] { #expect(!text.contains(way), "\(name): \(way)") }
    }
  }
}
