//! Memory that was freed goes back to the system.

/// Sets up the allocator; called before there are threads.
///
/// glibc raises its thresholds with the largest piece that was ever freed, and has an arena for each thread: after a few
/// large documents each of seven threads keeps tens of MiB that nobody uses. 50 feeds of 10 MiB and 50 pages of 3 MiB
/// at once took 430 MiB with its own settings, and take 210 MiB with these, in the same time (`tests/e2e/memory.py`).
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(super) fn set_up() {
    const MIB: libc::c_int = 1024 * 1024;
    let cores = std::thread::available_parallelism().ok().and_then(|cores| cores.get().try_into().ok());
    let arenas = cores.map_or(4, |cores: libc::c_int| cores.saturating_add(2));
    for (option, value) in
        [(libc::M_ARENA_MAX, arenas), (libc::M_MMAP_THRESHOLD, MIB), (libc::M_TRIM_THRESHOLD, 4 * MIB)]
    {
        #[expect(unsafe_code, reason = "nothing safe sets it; it takes two numbers, and there is one thread so far")]
        // SAFETY: mallopt(3) may be called at any time before other threads allocate, and refuses what it does not know.
        unsafe {
            libc::mallopt(option, value);
        }
    }
}

/// Gives the memory that is free now back to the system, wherever it lies: a process that stays has no use for what its last
/// pass, or its last thousand readers, needed.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(super) fn give_back() {
    #[expect(unsafe_code, reason = "nothing safe asks for it; it takes a number")]
    // SAFETY: malloc_trim(3) may be called at any time, by any thread.
    unsafe {
        libc::malloc_trim(0);
    }
}

/// Other allocators do so by themselves, or not at all.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(super) fn give_back() {}

/// Other allocators stay as they are.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(super) fn set_up() {}
