// swift-tools-version: 6.0
import PackageDescription

/// A C library of the system: its headers through a module map and `shim.h`, and no policy.
func system(_ name: String, _ pkgConfig: String? = nil, _ debianPackage: String? = nil) -> Target {
  .systemLibrary(
    name: name, path: "Sources/CLibraries/\(name)", pkgConfig: pkgConfig, providers: debianPackage.map { [.apt([$0])] })
}

let package = Package(
  name: "firstword",
  products: [
    .executable(name: "firstword", targets: ["firstword"]),
    .executable(name: "firstwordd", targets: ["firstwordd"]),
    .library(name: "simcard", type: .dynamic, targets: ["simcard"]),
    .library(name: "heapspy", type: .dynamic, targets: ["heapspy"]),
    .library(name: "diskspy", type: .dynamic, targets: ["diskspy"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // C: headers and link flags, no policy.
    system("CALSA", "alsa", "libasound2-dev"),
    system("CFuse", "fuse3", "libfuse3-dev"),
    system("CLinux"),
    system("CLoudness", "libebur128", "libebur128-dev"),
    system("COpusEnc", "libopusenc", "libopusenc-dev"),
    system("COpusFile", "opusfile", "libopusfile-dev"),
    system("CSndFile", "sndfile", "libsndfile1-dev"),
    system("CSodium", "libsodium", "libsodium-dev"),
    system("CZip", "libzip", "libzip-dev"),

    // What the tests of several modules share.
    .target(name: "TestSupport", path: "Tests/Support/TestSupport"),
    .target(name: "heapspy", path: "Tests/Support/heapspy", cSettings: [.define("PIC")]),
    .target(name: "diskspy", path: "Tests/Support/diskspy", cSettings: [.define("PIC")]),

    // What every side stands on.
    .target(name: "Posix", dependencies: ["CLinux"], path: "Sources/Base/Posix"),
    .target(name: "Opus", dependencies: ["COpusFile"], path: "Sources/Base/Opus"),
    .target(name: "Kit", dependencies: ["CSodium", "Posix"], path: "Sources/Formats/Kit"),
    .testTarget(name: "KitTests", dependencies: ["Kit", "KitBuilder", "Posix"], path: "Tests/Formats/KitTests"),

    // The trainer's side.
    .target(name: "Catalogue", dependencies: ["Kit", "Posix", "Yams"], path: "Sources/Trainer/Catalogue"),
    .testTarget(
      name: "CatalogueTests", dependencies: ["Catalogue", "Kit", "Posix", "TestSupport"],
      path: "Tests/Trainer/CatalogueTests"),
    .target(
      name: "KitBuilder",
      dependencies: ["Kit", "Catalogue", "Opus", "Posix", "COpusEnc", "CLoudness", "CSndFile", "CSodium", "CZip"],
      path: "Sources/Trainer/KitBuilder"),
    .testTarget(
      name: "KitBuilderTests", dependencies: ["KitBuilder", "Catalogue", "Kit", "Opus", "Posix"],
      path: "Tests/Trainer/KitBuilderTests"),

    .target(name: "Capture", dependencies: ["CALSA", "Posix"], path: "Sources/Trainer/Capture"),
    .testTarget(
      name: "CaptureTests", dependencies: ["CALSA", "Capture", "Posix", "Simulator"], path: "Tests/Trainer/CaptureTests"
    ),

    .target(name: "Translation", dependencies: ["Catalogue", "Kit"], path: "Sources/Trainer/Translation"),
    .testTarget(
      name: "TranslationTests", dependencies: ["Catalogue", "Translation", "Kit", "Posix", "TestSupport"],
      path: "Tests/Trainer/TranslationTests"),

    .target(
      name: "Import",
      dependencies: ["Catalogue", "Translation", "Kit", "KitBuilder", "Posix", "CSodium", "CZip"],
      path: "Sources/Trainer/Import"),
    .testTarget(
      name: "ImportTests", dependencies: ["Catalogue", "Import", "Kit", "KitBuilder", "Posix", "TestSupport"],
      path: "Tests/Trainer/ImportTests"),

    .target(name: "Pages", dependencies: ["Catalogue", "Journal", "Kit"], path: "Sources/Trainer/Pages"),
    .testTarget(
      name: "PagesTests", dependencies: ["Pages", "Catalogue", "Journal", "Kit", "Posix", "TestSupport"],
      path: "Tests/Trainer/PagesTests"),

    // The device's side.
    .target(name: "Playback", dependencies: ["CALSA", "Opus", "Posix"], path: "Sources/Device/Playback"),
    .testTarget(name: "PlaybackTests", dependencies: ["Playback"], path: "Tests/Device/PlaybackTests"),
    .target(name: "Buttons", dependencies: ["CLinux", "Posix"], path: "Sources/Device/Buttons"),
    .testTarget(
      name: "ButtonsTests", dependencies: ["Buttons", "CLinux", "Posix", "Simulator", "TestSupport"],
      path: "Tests/Device/ButtonsTests"),
    .target(
      name: "Panel", dependencies: ["Buttons", "Control", "Kit", "Playback", "Posix"], path: "Sources/Device/Panel"),
    .target(
      name: "SelfTest", dependencies: ["Buttons", "CLinux", "Panel", "Kit", "Playback", "Posix"],
      path: "Sources/Device/SelfTest"),
    .testTarget(name: "SelfTestTests", dependencies: ["SelfTest"], path: "Tests/Device/SelfTestTests"),
    .target(name: "Console", dependencies: ["Kit", "Posix"], path: "Sources/Device/Console"),
    .testTarget(name: "ConsoleTests", dependencies: ["Console", "Kit", "Posix"], path: "Tests/Device/ConsoleTests"),
    .target(name: "Journal", dependencies: ["Kit", "Posix"], path: "Sources/Device/Journal"),
    .testTarget(name: "JournalTests", dependencies: ["Journal", "Kit", "Posix"], path: "Tests/Device/JournalTests"),
    .target(
      name: "Control", dependencies: ["CLinux", "Kit", "Posix"], path: "Sources/Device/Control",
      resources: [.embedInCode("control.schema.json")]),
    .testTarget(
      name: "ControlTests", dependencies: ["Control", "Posix", "TestSupport"], path: "Tests/Device/ControlTests"),

    // The tester's side: the lines, the card, the judge.
    .target(
      name: "simcard", path: "Sources/Tester/simcard", cSettings: [.define("PIC")],
      linkerSettings: [.linkedLibrary("asound")]),
    .target(
      name: "Simulator",
      dependencies: [
        "Buttons", "CFuse", "CLinux", "Catalogue", "Control", "Panel", "Kit", "KitBuilder", "Opus", "Playback",
        "Posix",
      ], path: "Sources/Tester/Simulator"),
    .testTarget(
      name: "SimulatorTests",
      dependencies: [
        "Buttons", "CALSA", "Catalogue", "Control", "Kit", "Opus", "Playback", "Posix", "Simulator", "TestSupport",
      ], path: "Tests/Tester/SimulatorTests"),

    .executableTarget(
      name: "firstword",
      dependencies: [
        "Buttons", "Capture", "Catalogue", "Control", "Translation", "Panel", "Import", "Journal", "Kit", "KitBuilder",
        "Opus", "Pages", "Playback", "Posix", "SelfTest", "Simulator",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], path: "Sources/Programs/firstword"),
    .executableTarget(
      name: "firstwordd",
      dependencies: [
        "Buttons", "Console", "Control", "Panel", "Journal", "Kit", "Playback", "Posix", "SelfTest",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], path: "Sources/Programs/firstwordd"),
    .testTarget(
      name: "firstwordTests",
      // The programs and the card are run, not linked: every build makes them.
      dependencies: [
        "Catalogue", "Console", "Control", "Journal", "Kit", "KitBuilder", "Opus", "Posix", "SelfTest", "Simulator",
        "TestSupport",
      ], path: "Tests/Programs/firstwordTests"),
  ],
  swiftLanguageModes: [.v6]
)

// Tests/fuzz alone builds this: it needs a Swift that has libFuzzer.
if Context.environment["FIRSTWORD_FUZZ"] != nil {
  package.targets += [
    .target(name: "CFuzzer", path: "Tests/parts/fuzz/CFuzzer"),
    .executableTarget(
      name: "Fuzz",
      dependencies: [
        "CFuzzer", "Catalogue", "Console", "Control", "Translation", "Import", "Journal", "Kit", "KitBuilder", "Opus",
        "Posix",
      ],
      path: "Tests/parts/fuzz/Fuzz"),
  ]
}
