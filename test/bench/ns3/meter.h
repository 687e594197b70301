// What every program here prints: one line of JSON with the members that npm run bench has as well.
#pragma once

#include "ns3/core-module.h"

#include <chrono>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <string>

class Meter
{
  public:
    explicit Meter(std::string workload)
        : m_workload(std::move(workload)),
          m_start(Clock::now())
    {
    }

    // Runs the simulation; all before was setting it up.
    void Simulate()
    {
        const auto begin = Clock::now();
        m_setup = Span(m_start, begin);
        ns3::Simulator::Run();
        m_wall = Span(begin, Clock::now());
        m_events = ns3::Simulator::GetEventCount();
    }

    // Returns the exit status: packets that got lost are no measurement.
    int Print(uint64_t size, uint64_t packets, uint64_t hops, bool complete) const
    {
        std::cout << "{\"workload\":\"" << m_workload << "\",\"size\":" << size << ",\"packets\":" << packets
                  << ",\"hops\":" << hops << ",\"events\":" << m_events << ",\"wall_s\":" << m_wall
                  << ",\"setup_s\":" << m_setup << ",\"peak_rss_kb\":" << PeakRss()
                  << ",\"hops_per_s\":" << static_cast<uint64_t>(hops / m_wall) << "}" << std::endl;
        if (!complete)
        {
            std::cerr << m_workload << ": not everything arrived" << std::endl;
        }
        return complete ? 0 : 1;
    }

  private:
    using Clock = std::chrono::steady_clock;

    static double Span(Clock::time_point from, Clock::time_point to)
    {
        return std::chrono::duration<double>(to - from).count();
    }

    // VmHWM is the process's own; ru_maxrss would be inherited from whoever started it.
    static long PeakRss()
    {
        std::ifstream status("/proc/self/status");
        for (std::string word; status >> word;)
        {
            long kb = 0;
            if (word == "VmHWM:" && status >> kb)
            {
                return kb;
            }
        }
        return 0;
    }

    std::string m_workload;
    Clock::time_point m_start;
    double m_setup = 0;
    double m_wall = 0;
    uint64_t m_events = 0;
};
