import Glibc
import Posix
import Testing

// One at a time: what one test drops, another one has just touched.
@Suite("The memory of a process", .serialized)
struct MemoryTests {
  /// Size and resident part of the code of the object with this path, in kilobytes. proc_pid_smaps(5)
  private func code(_ path: String) throws -> (size: Int, resident: Int) {
    var (size, resident) = (0, 0)
    var isCode = false
    for line in String(decoding: try Files.read("/proc/self/smaps"), as: UTF8.self).split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.count >= 5, words[0].contains("-") { isCode = line.hasSuffix(path) && words[1].hasPrefix("r-x") }
      guard isCode, words.count > 1, let number = Int(words[1]) else { continue }
      if words[0] == "Size:" { size += number }
      if words[0] == "Rss:" { resident += number }
    }
    return (size, resident)
  }

  @Test("touching a library brings all of its code into memory, also where it was loaded late, and no other's")
  func touches() throws {
    let maps = String(decoding: try Files.read("/proc/self/maps"), as: UTF8.self).split(separator: "\n")
    let line = try #require(maps.first { $0.contains("libm.so") || $0.contains("libm-") })
    let original = String(try #require(line.split(separator: " ").last))
    var template = Array("/tmp/firstword-code-XXXXXX".utf8CString)
    let path = String(cString: try #require(mkdtemp(&template))) + "/library.so"
    try Files.replace(path, with: try Files.read(original))
    defer { unlink(path) }
    let library = try #require(dlopen(path, RTLD_LAZY | RTLD_LOCAL))
    defer { dlclose(library) }
    let before = try code(path)
    #expect(before.size > 0 && before.resident < before.size, "or this test shows nothing")
    #expect(Memory.touchLibraries("lib-other") == 0)
    #expect(try code(path).resident == before.resident)
    #expect(abs(Memory.touchLibraries("library") - before.size / 4) <= 1)
    let after = try code(path)
    #expect(after.resident == after.size)
  }

  @Test("dropping the code takes out of memory what does not run, and the program runs on")
  func drops() throws {
    let touched = Memory.touchLibraries("lib")
    #expect(touched > 100, "or this test shows nothing")
    let before = try residentCode()
    Memory.dropCode()
    let after = try residentCode()
    #expect(after < before)
    #expect((0..<1000).map { "\($0)" }.joined().utf8.count == 2890)
  }

  /// Kilobytes of all code that are resident. proc_pid_smaps(5)
  private func residentCode() throws -> Int {
    var isCode = false
    var sum = 0
    for line in String(decoding: try Files.read("/proc/self/smaps"), as: UTF8.self).split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.count >= 5, words[0].contains("-") { isCode = words[1].hasPrefix("r-x") }
      if isCode, words.count > 1, words[0] == "Rss:" { sum += Int(words[1]) ?? 0 }
    }
    return sum
  }

  @Test("touching the program's code ends after the function, and before the end of the code")
  func touchesProgram() throws {
    let function: @convention(c) () -> Void = {}
    let address = unsafeBitCast(function, to: UInt.self)
    let maps = String(decoding: try Files.read("/proc/self/maps"), as: UTF8.self).split(separator: "\n")
    let line = try #require(
      maps.first { line in
        let ends = line.prefix { $0 != " " }.split(separator: "-").compactMap { UInt($0, radix: 16) }
        return ends.count == 2 && (ends[0]..<ends[1]).contains(address)
      })
    let path = String(try #require(line.split(separator: " ").last))
    let one = Memory.touchCode(asFarAs: function, margin: 4096)
    let more = Memory.touchCode(asFarAs: function, margin: 5 * 4096)
    #expect(one > 0 && (3...5).contains(more - one), "each page once")
    let all = Memory.touchCode(asFarAs: function, margin: 1 << 40)
    let pages = try code(path).size / 4
    #expect(all > more && all <= pages + 1)
  }
}
