// Plays what leaves the practice's card. The page hears exactly the card's frames, a moment later.

/** Frames that wait before the first one is heard: 0.1 s. After a gap it is more, up to 0.4 s. */
const lead = 4800
const rate = 48000

/** The lock of the one page of a browser that sounds. */
const lock = "practice-sound"

/**
 * Follows the sound of the practice until `close`. Of all pages of a browser one sounds: the one that was in front last.
 *
 * @param {function(object): void} report gets, several times a second: `frames` that arrived, `energy` and `peak` of
 *   them, `played` by the browser, `gaps` in between, and `delay` in seconds; `delay` is null while nothing is audible,
 *   `isMute` says that the browser has no sound, and `isElsewhere` that another page of the browser sounds.
 * @returns {{takeOver: function(): void, close: function(): void}} `takeOver` lets this page sound instead of the other.
 */
export function player(report) {
  const ending = new AbortController()
  const state = { frames: 0, energy: 0, peak: 0, played: 0, gaps: 0, delay: null, isMute: false, isElsewhere: false }
  let context = null
  let output = null

  /** Opens the sound. A browser allows it only after the person has pressed something. */
  async function open() {
    if (context || ending.signal.aborted) return
    context = new AudioContext({ sampleRate: rate, latencyHint: "interactive" })
    setTimeout(() => {
      state.isMute = context.state !== "running"
      report(state)
    }, 3000)
    context.onstatechange = () => { state.isMute = state.isMute && context.state !== "running" }
    try {
      await context.audioWorklet.addModule("player-worklet.js")
      if (ending.signal.aborted) return context.close()
      const node = new AudioWorkletNode(context, "card-output", {
        numberOfInputs: 0, outputChannelCount: [1], processorOptions: { lead },
      })
      node.port.onmessage = ({ data }) => {
        Object.assign(state, data)
        state.delay = context.state === "running"
          ? data.lead / rate + (context.baseLatency ?? 0) + (context.outputLatency ?? 0) : null
        report(state)
      }
      node.connect(context.destination)
      output = node.port
    } catch {
      output = null // the meter still shows that the device speaks
    }
  }

  async function follow() {
    let from = null
    while (!ending.signal.aborted) {
      try {
        const response = await fetch(`/api/1/practice/sound${from === null ? "" : `?from=${from}`}`,
          { cache: "no-store", signal: ending.signal })
        if (!response.ok) throw new Error()
        const bytes = await response.arrayBuffer()
        const samples = new Int16Array(bytes)
        from = Number(response.headers.get("Firstword-First")) + samples.length
        take(samples, response.headers.get("Firstword-Open") === "1")
      } catch {
        // The view shows why there is no practice any more.
        await new Promise((done) => setTimeout(done, 1000))
      }
    }
  }

  function take(samples, isOpen) {
    let [energy, peak] = [0, 0]
    for (const sample of samples) {
      energy += sample * sample
      peak = Math.max(peak, Math.abs(sample))
    }
    state.frames += samples.length
    state.energy += energy
    state.peak = peak / 32768
    report(state)
    if (!state.isElsewhere) output?.postMessage({ samples, isOpen }, [samples.buffer])
  }

  // Which page sounds

  /** Counts the claims to the lock; the last one counts. */
  let claims = 0
  let isHolder = false
  /** Ends a claim that still waits for the lock. */
  let stopWaiting = () => {}

  /** Shows whether another page sounds. */
  function show(isElsewhere) {
    if (state.isElsewhere === isElsewhere) return
    state.isElsewhere = isElsewhere
    report(state)
  }

  /** Claims the lock: takes it from the page that has it, or waits until that one is closed. Claims a lost one again. */
  async function claim(takes) {
    const mine = ++claims
    stopWaiting()
    const end = new AbortController()
    stopWaiting = () => end.abort()
    if (!takes) show(true)
    try {
      await navigator.locks.request(lock, takes ? { steal: true } : { signal: end.signal }, () => {
        if (mine !== claims || ending.signal.aborted) return null
        isHolder = true
        show(false)
        return new Promise((done) => { ending.signal.addEventListener("abort", done, { once: true }) })
      })
    } catch {
      // Another page has taken it, or a later claim of this one.
    }
    if (mine !== claims || ending.signal.aborted) return
    isHolder = false
    claim(false)
  }

  const takeOver = () => { if (!isHolder) claim(true) }
  const inFront = () => { if (document.visibilityState === "visible") takeOver() }
  document.addEventListener("visibilitychange", inFront, { signal: ending.signal })
  claim(document.visibilityState === "visible")

  const gestures = ["pointerdown", "keydown"]
  const wake = () => {
    for (const kind of gestures) removeEventListener(kind, wake, true)
    open()
  }
  if (navigator.userActivation?.hasBeenActive) open()
  else for (const kind of gestures) addEventListener(kind, wake, { capture: true, signal: ending.signal })
  follow()
  return {
    takeOver,
    close() {
      ending.abort()
      stopWaiting()
      context?.close()
    },
  }
}
