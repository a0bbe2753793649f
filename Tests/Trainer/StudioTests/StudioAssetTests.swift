import Foundation
import Posix
import Studio
import TestSupport
import Testing

@Suite("The files of the page")
struct StudioAssetTests {
  private static let directory = SourceTree.path + "/Sources/Trainer/Studio/assets"

  @Test(
    "the program embeds every file of the page as it is; after a change, touch Sources/Trainer/StudioAssets/assets.S")
  func embedded() throws {
    let all = try #require(FileManager.default.enumerator(atPath: Self.directory))
    var files: [String: [UInt8]] = [:]
    for case let path as String in all where !Files.isDirectory("\(Self.directory)/\(path)") {
      files[path] = try Files.read("\(Self.directory)/\(path)")
    }
    #expect(files["index.html"] != nil)
    #expect(StudioFiles.all.map(\.path).sorted() == files.keys.sorted())
    for asset in StudioFiles.all { #expect(asset.bytes == files[asset.path], "\(asset.path)") }
  }

  @Test("the page names no address elsewhere, and has neither inline script nor inline style")
  func quiet() throws {
    for asset in StudioFiles.all where !asset.path.hasSuffix(".png") {
      let text = String(decoding: asset.bytes, as: UTF8.self)
      for scheme in ["https://", "http://", "ws://", "wss://"] {
        let places = text.components(separatedBy: scheme).dropFirst().filter { !$0.hasPrefix("www.w3.org/") }
        #expect(places.isEmpty, "\(asset.path): \(scheme)\(places.first?.prefix(40) ?? "")")
      }
      for way in [" style=\"", "onclick=", "javascript:", "innerHTML", "insertAdjacentHTML", "document.write", "eval("]
      {
        #expect(!text.contains(way), "\(asset.path): \(way)")
      }
    }
  }
}
