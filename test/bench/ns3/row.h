// A row of nodes: source, routers, sink. Link i is 10.1.i.0/24, its near end .1 and its far end .2; static routes only.
#pragma once

#include "ns3/internet-module.h"
#include "ns3/network-module.h"

#include <functional>
#include <string>
#include <vector>

class Row
{
  public:
    using Cable = std::function<ns3::NetDeviceContainer(ns3::NodeContainer)>;

    Row(uint32_t routers, const Cable& cable)
        : m_links(routers + 1)
    {
        m_nodes.Create(routers + 2);
        ns3::InternetStackHelper stack;
        stack.SetRoutingHelper(ns3::Ipv4StaticRoutingHelper());
        stack.SetIpv6StackInstall(false);
        stack.Install(m_nodes);
        for (uint32_t link = 0; link < m_links; ++link)
        {
            ns3::NetDeviceContainer ends = cable(ns3::NodeContainer(m_nodes.Get(link), m_nodes.Get(link + 1)));
            ns3::Ipv4AddressHelper addresses(Network(link), "255.255.255.0");
            addresses.Assign(ends);
            m_devices.push_back(ends);
        }
        for (uint32_t node = 0; node < m_nodes.GetN(); ++node)
        {
            AddRoutes(node);
        }
    }

    ns3::Ptr<ns3::Node> Source() const
    {
        return m_nodes.Get(0);
    }

    ns3::Ptr<ns3::Node> Sink() const
    {
        return m_nodes.Get(m_nodes.GetN() - 1);
    }

    ns3::Ipv4Address SinkAddress() const
    {
        return End(m_links - 1, 2);
    }

    uint32_t Links() const
    {
        return m_links;
    }

    // The two ends of each link, the near one first.
    const std::vector<ns3::NetDeviceContainer>& Devices() const
    {
        return m_devices;
    }

  private:
    static ns3::Ipv4Address End(uint32_t link, uint32_t end)
    {
        return ns3::Ipv4Address((10U << 24) | (1U << 16) | (link << 8) | end);
    }

    static ns3::Ipv4Address Network(uint32_t link)
    {
        return End(link, 0);
    }

    // The ends have a default route; a router has one to each link that it does not end. Interface 1 looks back.
    void AddRoutes(uint32_t node)
    {
        ns3::Ptr<ns3::Ipv4StaticRouting> table =
            ns3::Ipv4StaticRoutingHelper().GetStaticRouting(m_nodes.Get(node)->GetObject<ns3::Ipv4>());
        if (node == 0 || node == m_links)
        {
            table->SetDefaultRoute(node == 0 ? End(0, 2) : End(m_links - 1, 1), 1);
            return;
        }
        for (uint32_t link = 0; link < m_links; ++link)
        {
            if (link + 1 < node)
            {
                table->AddNetworkRouteTo(Network(link), "255.255.255.0", End(node - 1, 1), 1);
            }
            if (link > node)
            {
                table->AddNetworkRouteTo(Network(link), "255.255.255.0", End(node, 2), 2);
            }
        }
    }

    uint32_t m_links;
    ns3::NodeContainer m_nodes;
    std::vector<ns3::NetDeviceContainer> m_devices;
};
